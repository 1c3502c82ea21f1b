package sqljournal

import "strings"

// statement is one of the statements that a journal makes. They are prepared
// once for each connection.
type statement int

const (
	insertRequest statement = iota
	insertRequestOnce
	selectRequest
	updateRequest
	dueRequests
	insertPayment
	insertPaymentOnce
	selectPayment
	updatePayment
	duePayments
	listPayments
	sumPayments
	insertOrder
	selectOrder
	updateOrder
	insertSent
	insertSentOnce
	selectSent
	sentByOperation
	updateSent
	dueSent
	insertEvent
	insertEventOnce
	selectEvent
	updateEvent
	rewriteEvent
	newEvents
	sequenceEvent
	listEvents
	dueEvents
	insertDocument
	selectDocument
	deleteDocument
	insertEvidence
	newEvidence
	chainEvidence
	listEvidence
	addRecord
	addRecordOnce
	holdRecord
	selectRecord
	peekRecord
	putRecord
	deleteRecord
	rangeRecords
	selectState
	updateState
	sweepAnswers
	sweepAnswer
	sweepPayments
	deletePayment
	deleteEvents
	deleteSentByOperation
	paymentExists
	deleteOrder
	releaseOrder
	releaseRecord
	sweepRequests
	deleteRequest
	sweepSent
	deleteSent
	sweepDocument
	lockWriter
	selectVersion
	savepoint
	release
	rollbackTo
	begin
	beginReading
	commit
	rollback

	statements // how many there are
)

// once returns the statement for an insertion that fails if the key is taken.
func (s statement) once() statement { return s + 1 }

// Columns in the order of the rows' fields.
const (
	requestColumns  = "sender, id, kind, digest, document, issued, deadline, state, epoch, operation, transaction_id, details, reversed, code, outcome, retry, answer, claimed, sealed, due, tries"
	paymentColumns  = "id, owner, request_id, requester, order_id, part, attempt, operation, state, currency, amount, captured, cancelled, cancellable, created, changed, busy, sequence, due, tries, details"
	sentColumns     = "recipient, id, kind, operation, digest, document, issued, deadline, state, code, outcome, retry, answer, created, due, tries, details"
	eventColumns    = "id, recipient, transaction_id, sequence, position, at, body, state, due, tries"
	evidenceColumns = "number, at, sent, peer, message_id, kind, document, signer, serial, link"
)

// texts are the statements as they stand before the dialect's words are put in.
var texts = [statements]string{
	insertRequest:         insert("request", requestColumns),
	insertRequestOnce:     insertInto("request", requestColumns),
	selectRequest:         "SELECT " + requestColumns + " FROM {{prefix}}request WHERE sender = ? AND id = ?{{lock}}",
	updateRequest:         update("request", after(requestColumns, 2)) + " WHERE sender = ? AND id = ?",
	dueRequests:           "SELECT " + requestColumns + " FROM {{prefix}}request WHERE due > 0 AND due <= ? ORDER BY due LIMIT ?{{skip}}",
	insertPayment:         insert("payment", paymentColumns),
	insertPaymentOnce:     insertInto("payment", paymentColumns),
	selectPayment:         "SELECT " + paymentColumns + " FROM {{prefix}}payment WHERE id = ?{{lock}}",
	updatePayment:         update("payment", after(paymentColumns, 1)) + " WHERE id = ?",
	duePayments:           "SELECT " + paymentColumns + " FROM {{prefix}}payment WHERE due > 0 AND due <= ? ORDER BY due LIMIT ?{{skip}}",
	listPayments:          "SELECT " + paymentColumns + " FROM {{prefix}}payment WHERE owner = ? AND created >= ? AND created < ? AND (created, id) > (?, ?) AND state <> '' ORDER BY created, id LIMIT ?",
	sumPayments:           "SELECT currency, count(*), CAST(sum(CASE WHEN captured + cancelled + cancellable > 0 THEN amount ELSE 0 END) AS BIGINT), CAST(sum(captured) AS BIGINT), CAST(sum(cancelled) AS BIGINT) FROM {{prefix}}payment WHERE owner = ? AND created >= ? AND created < ? AND state <> '' GROUP BY currency ORDER BY currency",
	insertOrder:           "INSERT INTO {{prefix}}orders (requester, order_id, currency, amount, parts) VALUES (?, ?, '', 0, '[]') ON CONFLICT DO NOTHING",
	selectOrder:           "SELECT currency, amount, parts FROM {{prefix}}orders WHERE requester = ? AND order_id = ?{{lock}}",
	updateOrder:           insertInto("orders", "requester, order_id, currency, amount, parts") + " ON CONFLICT (requester, order_id) DO UPDATE SET currency = excluded.currency, amount = excluded.amount, parts = excluded.parts",
	insertSent:            insert("sent", sentColumns),
	insertSentOnce:        insertInto("sent", sentColumns),
	selectSent:            "SELECT " + sentColumns + " FROM {{prefix}}sent WHERE recipient = ? AND id = ?{{lock}}",
	sentByOperation:       "SELECT " + sentColumns + " FROM {{prefix}}sent WHERE operation = ? AND operation <> '' ORDER BY created, seq",
	updateSent:            update("sent", after(sentColumns, 2)) + " WHERE recipient = ? AND id = ?",
	dueSent:               "SELECT " + sentColumns + " FROM {{prefix}}sent WHERE due > 0 AND due <= ? ORDER BY due LIMIT ?{{skip}}",
	insertEvent:           insert("event", eventColumns),
	insertEventOnce:       insertInto("event", eventColumns),
	selectEvent:           "SELECT " + eventColumns + " FROM {{prefix}}event WHERE id = ?{{lock}}",
	rewriteEvent:          update("event", after(eventColumns, 1)) + " WHERE id = ?",
	updateEvent:           "UPDATE {{prefix}}event SET state = ?, due = ?, tries = ? WHERE id = ?",
	newEvents:             "SELECT seq FROM {{prefix}}event WHERE position = 0 ORDER BY seq LIMIT ?",
	sequenceEvent:         "UPDATE {{prefix}}event SET position = ? WHERE seq = ?",
	listEvents:            "SELECT " + eventColumns + " FROM {{prefix}}event WHERE recipient = ? AND position > ? AND position > 0 ORDER BY position LIMIT ?",
	dueEvents:             "SELECT " + eventColumns + " FROM {{prefix}}event e WHERE due > 0 AND due <= ? AND position > 0 AND NOT EXISTS (SELECT 1 FROM {{prefix}}event p WHERE p.transaction_id = e.transaction_id AND p.sequence < e.sequence AND p.state = 1) ORDER BY position LIMIT ?{{skip}}",
	insertDocument:        insertInto("document", "digest, octets, latest") + " ON CONFLICT (digest) DO UPDATE SET latest = excluded.latest WHERE excluded.latest > {{prefix}}document.latest",
	selectDocument:        "SELECT octets, latest FROM {{prefix}}document WHERE digest = ?",
	deleteDocument:        "DELETE FROM {{prefix}}document WHERE digest = ?",
	insertEvidence:        insertInto("evidence", evidenceColumns),
	newEvidence:           "SELECT seq, " + evidenceColumns + " FROM {{prefix}}evidence WHERE number = 0 ORDER BY seq LIMIT ?",
	chainEvidence:         "UPDATE {{prefix}}evidence SET number = ?, link = ? WHERE seq = ?",
	listEvidence:          "SELECT " + evidenceColumns + " FROM {{prefix}}evidence WHERE number > ? AND number > 0 ORDER BY number LIMIT ?",
	addRecord:             insertInto("record", "space, name, value") + " ON CONFLICT (space, name) DO UPDATE SET value = excluded.value WHERE {{prefix}}record.value IS NULL",
	addRecordOnce:         insertInto("record", "space, name, value"),
	holdRecord:            "INSERT INTO {{prefix}}record (space, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
	selectRecord:          "SELECT value, value IS NOT NULL FROM {{prefix}}record WHERE space = ? AND name = ?{{lock}}",
	peekRecord:            "SELECT value, value IS NOT NULL FROM {{prefix}}record WHERE space = ? AND name = ?",
	putRecord:             insertInto("record", "space, name, value") + " ON CONFLICT (space, name) DO UPDATE SET value = excluded.value",
	deleteRecord:          "DELETE FROM {{prefix}}record WHERE space = ? AND name = ?",
	rangeRecords:          "SELECT name, value FROM {{prefix}}record WHERE space = ? AND name >= ? AND (name < ? OR ? = '') AND value IS NOT NULL ORDER BY name LIMIT ?",
	selectState:           "SELECT number, link FROM {{prefix}}state WHERE name = ?{{lock}}",
	updateState:           "UPDATE {{prefix}}state SET number = ?, link = ? WHERE name = ?",
	sweepAnswers:          "SELECT seq, state, sealed, answer IS NOT NULL FROM {{prefix}}request WHERE seq > ? ORDER BY seq LIMIT ?",
	sweepAnswer:           "UPDATE {{prefix}}request SET answer = NULL WHERE seq = ?",
	sweepPayments:         "SELECT seq, created, changed, due, busy, id, operation, requester, order_id FROM {{prefix}}payment WHERE seq > ? ORDER BY seq LIMIT ?",
	deletePayment:         "DELETE FROM {{prefix}}payment WHERE seq = ?",
	deleteEvents:          "DELETE FROM {{prefix}}event WHERE transaction_id = ?",
	deleteSentByOperation: "DELETE FROM {{prefix}}sent WHERE operation = ? AND operation <> ''",
	paymentExists:         "SELECT 1 FROM {{prefix}}payment WHERE id = ?",
	deleteOrder:           "DELETE FROM {{prefix}}orders WHERE requester = ? AND order_id = ?",
	releaseOrder:          "DELETE FROM {{prefix}}orders WHERE requester = ? AND order_id = ? AND currency = '' AND amount = 0 AND parts = '[]'",
	releaseRecord:         "DELETE FROM {{prefix}}record WHERE space = ? AND name = ? AND value IS NULL",
	sweepRequests:         "SELECT seq, claimed, sealed, due, state, transaction_id, operation FROM {{prefix}}request WHERE seq > ? ORDER BY seq LIMIT ?",
	deleteRequest:         "DELETE FROM {{prefix}}request WHERE seq = ?",
	sweepSent:             "SELECT seq, created, due, state, operation FROM {{prefix}}sent WHERE seq > ? ORDER BY seq LIMIT ?",
	deleteSent:            "DELETE FROM {{prefix}}sent WHERE seq = ?",
	sweepDocument:         "DELETE FROM {{prefix}}document WHERE digest = ? AND latest < ?",
	lockWriter:            "DELETE FROM {{prefix}}state WHERE name = ''",
	selectVersion:         "PRAGMA data_version",
	savepoint:             "SAVEPOINT change",
	release:               "RELEASE SAVEPOINT change",
	begin:                 "BEGIN ISOLATION LEVEL READ COMMITTED",
	beginReading:          "BEGIN READ ONLY, ISOLATION LEVEL REPEATABLE READ",
	commit:                "COMMIT",
	rollback:              "ROLLBACK",
	rollbackTo:            "ROLLBACK TO SAVEPOINT change",
}

// insert returns the statement that inserts a row and does nothing if one of its
// keys is taken: an error would end a transaction of PostgreSQL.
func insert(table, columns string) string {
	return insertInto(table, columns) + " ON CONFLICT DO NOTHING"
}

func insertInto(table, columns string) string {
	places := strings.Repeat("?, ", strings.Count(columns, ",")) + "?"
	return "INSERT INTO {{prefix}}" + table + " (" + columns + ") VALUES (" + places + ")"
}

func update(table, columns string) string {
	return "UPDATE {{prefix}}" + table + " SET " + strings.ReplaceAll(columns, ", ", " = ?, ") + " = ?"
}

// after returns a list of columns without its first n.
func after(columns string, n int) string {
	return strings.SplitN(columns, ", ", n+1)[n]
}

// render returns all statements, those of View without locks.
func (d Dialect) render(prefix string, locks bool) []string {
	words := d.words(prefix)
	out := make([]string, statements)
	for s, text := range texts {
		if !locks {
			text = strings.NewReplacer("{{lock}}", "", "{{skip}}", "").Replace(text)
		}
		out[s] = d.parameters(words.Replace(text))
	}
	return out
}
