package journaltest

import (
	"crypto/sha256"
	"fmt"

	"github.com/kecis/sdk/kecis/journal"
)

const (
	shop = "https://shop.example/kecis"
	pg   = "https://pg.example/kecis"
	bank = "https://bank.example/kecis"
)

func digest(text string) journal.Digest { return sha256.Sum256([]byte(text)) }

// request returns a row with no field left out.
func request(id string) *journal.Request {
	return &journal.Request{
		Sender: shop, ID: id, Kind: "PaymentRequest",
		Digest: digest(id), Document: digest("document " + id),
		Issued: at(0), Deadline: at(300),
		State: journal.Running, Epoch: 1,
		Key: "key-" + id, Transaction: "T-" + id, Details: []byte{0, 1, 2, 255},
		Reversed: "_reversal", Code: "card-declined", Outcome: "not-done", Retry: "new-id",
		Answer:  digest("answer " + id),
		Claimed: at(1), Sealed: at(2), Due: at(60), Tries: 3,
	}
}

func transaction(id string) *journal.Transaction {
	return &journal.Transaction{
		ID: id, Owner: shop, RequestID: "_" + id,
		Requester: shop, OrderID: "order-" + id, Part: 2, Attempt: 3,
		Key: "key-" + id, State: "authorised", Currency: "KRW",
		Amount: 999_999_999_999_999, Captured: 300, Cancelled: 200, Cancellable: 100,
		Created: at(1), Changed: at(2), Busy: "_busy", Sequence: 4,
		Due: at(90), Tries: 5, Details: []byte("terms"),
	}
}

func sent(id string) *journal.Sent {
	return &journal.Sent{
		Recipient: bank, ID: id, Kind: "PaymentRequest", Key: "key-" + id,
		Digest: digest(id), Document: digest("document " + id),
		Issued: at(0), Deadline: at(300), State: journal.Open,
		Code: "ok", Outcome: "done", Retry: "never", Answer: digest("answer " + id),
		Created: at(1), Due: at(30), Tries: 2, Details: []byte("details"),
	}
}

func event(transaction string, sequence int) *journal.Event {
	return &journal.Event{
		ID: fmt.Sprintf("E-%s-%d", transaction, sequence), Recipient: shop,
		Transaction: transaction, Sequence: sequence,
		At: at(sequence), Body: []byte("body"), State: journal.Waiting, Due: at(10), Tries: 1,
	}
}

func exhibit(text string) *journal.Exhibit {
	return &journal.Exhibit{
		At: at(1), Sent: true, Peer: pg, MessageID: "_" + text, Kind: "PaymentResponse",
		Document: digest(text), Signer: digest("key"), Serial: 7,
	}
}

func order(id string) *journal.Order {
	return &journal.Order{
		Requester: shop, OrderID: id, Currency: "KRW", Amount: 50_000,
		Parts: []journal.Part{
			{Part: 1, Attempt: 2, Transaction: "T-1", Live: 20_000},
			{Part: 2, Attempt: 1, Transaction: "T-2", Ended: true},
		},
	}
}
