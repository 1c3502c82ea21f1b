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
	updateEvent
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

// text returns a statement as it stands before the dialect's words are put in.
func (s statement) text() string {
	switch s {
	case insertRequest:
		return insert("request", requestColumns)
	case insertRequestOnce:
		return insertInto("request", requestColumns)
	case selectRequest:
		return "SELECT " + requestColumns + " FROM {{prefix}}request WHERE sender = ? AND id = ?{{lock}}"
	case updateRequest:
		return update("request", after(requestColumns, 2)) + " WHERE sender = ? AND id = ? AND epoch = ?"
	case dueRequests:
		return "SELECT " + requestColumns + " FROM {{prefix}}request WHERE due > 0 AND due <= ? ORDER BY due LIMIT ?{{skip}}"
	case insertPayment:
		return insert("payment", paymentColumns)
	case insertPaymentOnce:
		return insertInto("payment", paymentColumns)
	case selectPayment:
		return "SELECT " + paymentColumns + " FROM {{prefix}}payment WHERE id = ?{{lock}}"
	case updatePayment:
		return update("payment", after(paymentColumns, 1)) + " WHERE id = ?"
	case duePayments:
		return "SELECT " + paymentColumns + " FROM {{prefix}}payment WHERE due > 0 AND due <= ? ORDER BY due LIMIT ?{{skip}}"
	case listPayments:
		return "SELECT " + paymentColumns + " FROM {{prefix}}payment WHERE owner = ? AND created >= ? AND created < ? AND (created, id) > (?, ?) AND state <> '' ORDER BY created, id LIMIT ?"
	case sumPayments:
		return "SELECT currency, count(*), CAST(sum(CASE WHEN captured + cancelled + cancellable > 0 THEN amount ELSE 0 END) AS BIGINT), CAST(sum(captured) AS BIGINT), CAST(sum(cancelled) AS BIGINT) FROM {{prefix}}payment WHERE owner = ? AND created >= ? AND created < ? AND state <> '' GROUP BY currency ORDER BY currency"
	case insertOrder:
		return "INSERT INTO {{prefix}}orders (requester, order_id, currency, amount, parts) VALUES (?, ?, '', 0, '[]') ON CONFLICT DO NOTHING"
	case selectOrder:
		return "SELECT currency, amount, parts FROM {{prefix}}orders WHERE requester = ? AND order_id = ?{{lock}}"
	case updateOrder:
		return insertInto("orders", "requester, order_id, currency, amount, parts") + " ON CONFLICT (requester, order_id) DO UPDATE SET currency = excluded.currency, amount = excluded.amount, parts = excluded.parts"
	case insertSent:
		return insert("sent", sentColumns)
	case insertSentOnce:
		return insertInto("sent", sentColumns)
	case selectSent:
		return "SELECT " + sentColumns + " FROM {{prefix}}sent WHERE recipient = ? AND id = ?{{lock}}"
	case sentByOperation:
		return "SELECT " + sentColumns + " FROM {{prefix}}sent WHERE operation = ? AND operation <> '' ORDER BY created, seq"
	case updateSent:
		return update("sent", after(sentColumns, 2)) + " WHERE recipient = ? AND id = ?"
	case dueSent:
		return "SELECT " + sentColumns + " FROM {{prefix}}sent WHERE due > 0 AND due <= ? ORDER BY due LIMIT ?{{skip}}"
	}
	return s.feedText()
}

// feedText is text for events, evidence and records.
func (s statement) feedText() string {
	switch s {
	case insertEvent:
		return insert("event", eventColumns)
	case insertEventOnce:
		return insertInto("event", eventColumns)
	case updateEvent:
		return "UPDATE {{prefix}}event SET state = ?, due = ?, tries = ? WHERE id = ?"
	case newEvents:
		return "SELECT seq FROM {{prefix}}event WHERE position = 0 ORDER BY seq LIMIT ?"
	case sequenceEvent:
		return "UPDATE {{prefix}}event SET position = ? WHERE seq = ?"
	case listEvents:
		return "SELECT " + eventColumns + " FROM {{prefix}}event WHERE recipient = ? AND position > ? AND position > 0 ORDER BY position LIMIT ?"
	case dueEvents:
		return "SELECT " + eventColumns + " FROM {{prefix}}event e WHERE due > 0 AND due <= ? AND position > 0 AND NOT EXISTS (SELECT 1 FROM {{prefix}}event p WHERE p.transaction_id = e.transaction_id AND p.sequence < e.sequence AND p.state = 1) ORDER BY position LIMIT ?{{skip}}"
	case insertDocument:
		return insertInto("document", "digest, octets, latest") + " ON CONFLICT (digest) DO UPDATE SET latest = excluded.latest WHERE excluded.latest > {{prefix}}document.latest"
	case selectDocument:
		return "SELECT octets FROM {{prefix}}document WHERE digest = ?"
	case deleteDocument:
		return "DELETE FROM {{prefix}}document WHERE digest = ?"
	case insertEvidence:
		return insertInto("evidence", evidenceColumns)
	case newEvidence:
		return "SELECT seq, " + evidenceColumns + " FROM {{prefix}}evidence WHERE number = 0 ORDER BY seq LIMIT ?"
	case chainEvidence:
		return "UPDATE {{prefix}}evidence SET number = ?, link = ? WHERE seq = ?"
	case listEvidence:
		return "SELECT " + evidenceColumns + " FROM {{prefix}}evidence WHERE number > ? AND number > 0 ORDER BY number LIMIT ?"
	case addRecord:
		return insertInto("record", "space, name, value") + " ON CONFLICT (space, name) DO UPDATE SET value = excluded.value WHERE {{prefix}}record.value IS NULL"
	case addRecordOnce:
		return insertInto("record", "space, name, value")
	case holdRecord:
		return "INSERT INTO {{prefix}}record (space, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
	case selectRecord:
		return "SELECT value, value IS NOT NULL FROM {{prefix}}record WHERE space = ? AND name = ?{{lock}}"
	case putRecord:
		return insertInto("record", "space, name, value") + " ON CONFLICT (space, name) DO UPDATE SET value = excluded.value"
	case deleteRecord:
		return "DELETE FROM {{prefix}}record WHERE space = ? AND name = ?"
	case rangeRecords:
		return "SELECT name, value FROM {{prefix}}record WHERE space = ? AND name >= ? AND (name < ? OR ? = '') AND value IS NOT NULL ORDER BY name LIMIT ?"
	}
	return s.sweepText()
}

// sweepText is text for the store's own state and for what a sweep does.
func (s statement) sweepText() string {
	switch s {
	case selectState:
		return "SELECT number, link FROM {{prefix}}state WHERE name = ?{{lock}}"
	case updateState:
		return "UPDATE {{prefix}}state SET number = ?, link = ? WHERE name = ?"
	case sweepAnswers:
		return "SELECT seq, state, sealed, answer IS NOT NULL FROM {{prefix}}request WHERE seq > ? ORDER BY seq LIMIT ?"
	case sweepAnswer:
		return "UPDATE {{prefix}}request SET answer = NULL WHERE seq = ?"
	case sweepPayments:
		return "SELECT seq, created, changed, due, busy, id, operation, requester, order_id FROM {{prefix}}payment WHERE seq > ? ORDER BY seq LIMIT ?"
	case deletePayment:
		return "DELETE FROM {{prefix}}payment WHERE seq = ?"
	case deleteEvents:
		return "DELETE FROM {{prefix}}event WHERE transaction_id = ?"
	case deleteSentByOperation:
		return "DELETE FROM {{prefix}}sent WHERE operation = ? AND operation <> ''"
	case paymentExists:
		return "SELECT 1 FROM {{prefix}}payment WHERE id = ?"
	case deleteOrder:
		return "DELETE FROM {{prefix}}orders WHERE requester = ? AND order_id = ?"
	case releaseOrder:
		return "DELETE FROM {{prefix}}orders WHERE requester = ? AND order_id = ? AND currency = '' AND amount = 0 AND parts = '[]'"
	case releaseRecord:
		return "DELETE FROM {{prefix}}record WHERE space = ? AND name = ? AND value IS NULL"
	case sweepRequests:
		return "SELECT seq, claimed, sealed, due, state, transaction_id, operation FROM {{prefix}}request WHERE seq > ? ORDER BY seq LIMIT ?"
	case deleteRequest:
		return "DELETE FROM {{prefix}}request WHERE seq = ?"
	case sweepSent:
		return "SELECT seq, created, due, state, operation FROM {{prefix}}sent WHERE seq > ? ORDER BY seq LIMIT ?"
	case deleteSent:
		return "DELETE FROM {{prefix}}sent WHERE seq = ?"
	case sweepDocument:
		return "DELETE FROM {{prefix}}document WHERE digest = ? AND latest < ?"
	case lockWriter:
		return "DELETE FROM {{prefix}}state WHERE name = ''"
	case savepoint:
		return "SAVEPOINT change"
	case release:
		return "RELEASE SAVEPOINT change"
	case begin:
		return "BEGIN ISOLATION LEVEL READ COMMITTED"
	case beginReading:
		return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	case commit:
		return "COMMIT"
	case rollback:
		return "ROLLBACK"
	case rollbackTo:
		return "ROLLBACK TO SAVEPOINT change"
	}
	return ""
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
	for s := range statements {
		text := s.text()
		if !locks {
			text = strings.NewReplacer("{{lock}}", "", "{{skip}}", "").Replace(text)
		}
		out[s] = d.parameters(words.Replace(text))
	}
	return out
}
