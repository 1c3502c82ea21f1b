package cases

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
)

// Actual is what stands in a run in the place of what cases are written with:
// of whom a message is, what it is about, and when.
type Actual struct {
	// Sender is the entityID of the party that asks, and is paid; Provider the
	// address of the endpoint, and Issuer the entityID of the instrument's issuer.
	Sender, Provider, Issuer string
	// OrderID is that of the order. Reference is the instrument's; Brand, First6 and
	// Last4 are what may be shown of it.
	OrderID, Reference, Brand, First6, Last4 string
	// Transaction, Original and Issued are the ID of the transaction that the
	// message is about, that of the request that made it, and when that was issued;
	// zero for a message about none.
	Transaction string
	Original    string
	Issued      time.Time
	// At is when the message is issued.
	At time.Time
	// Nonce makes the IDs of one message those of no other.
	Nonce []byte
}

// What is rendered, beside names: IDs and times.
var (
	idForm   = regexp.MustCompile(`_[0-9a-f]{40}\b`)
	timeForm = regexp.MustCompile(`20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z`)
)

const (
	// timeLayout is the form of KECIS-MSG-010.
	timeLayout = "2006-01-02T15:04:05Z"
	// issued and original are the times of the written messages, and of the request
	// that a reversal is about.
	issued, originalIssued = "2026-11-24T09:00:00Z", "2026-11-24T08:50:00Z"

	writtenOrder, writtenRef, writtenTransaction = "ORD-20261124-0001", "ref_8f14e45fceea167a", "T20261124-000001"
)

// Rendering returns how a case's document becomes one of the run. Times keep their
// distance from the time of issue; an ID becomes another of the same form.
func (a *Actual) Rendering() func([]byte) []byte {
	names := strings.NewReplacer(
		shop, a.Sender, gate, a.Provider, issuer, a.Issuer,
		writtenOrder, a.OrderID, writtenRef, a.Reference, writtenTransaction, or(a.Transaction, writtenTransaction),
		` Brand="BC"`, ` Brand="`+a.Brand+`"`, `First6="433012"`, `First6="`+a.First6+`"`, `Last4="1234"`, `Last4="`+a.Last4+`"`,
	)
	return func(document []byte) []byte {
		out := idForm.ReplaceAllFunc([]byte(names.Replace(string(document))), a.identify)
		return timeForm.ReplaceAllFunc(out, a.shift)
	}
}

// identify renders an ID.
func (a *Actual) identify(id []byte) []byte {
	if a.Original != "" && string(id) == paymentID {
		return []byte(a.Original)
	}
	mac := hmac.New(sha256.New, a.Nonce)
	mac.Write(id)
	return append([]byte("_"), hex.EncodeToString(mac.Sum(nil)[:20])...)
}

// shift renders a time. What is no time stays as it is.
func (a *Actual) shift(text []byte) []byte {
	at, err := time.Parse(timeLayout, string(text))
	if err != nil {
		return text
	}
	if !a.Issued.IsZero() && string(text) == originalIssued {
		return []byte(a.Issued.UTC().Format(timeLayout))
	}
	start, _ := time.Parse(timeLayout, issued)
	return []byte(a.At.Add(at.Sub(start)).UTC().Format(timeLayout))
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// In returns the case as one of a run.
func In(a *Actual, c conformance.Case) conformance.Case {
	written, render := c.Happy.Make, a.Rendering()
	c.Happy.Make = func(keys *conformance.Keyring) (*conformance.Message, error) {
		m, err := written(keys)
		if err != nil {
			return nil, err
		}
		m.Rendering = render
		return m, resign(m)
	}
	return c
}

// maxIDs is how many IDs of a document are looked at: a message and what was
// wrapped around it have two.
const maxIDs = 4

// IDs returns the first IDs of requests that a rendered document states.
func (a *Actual) IDs(document []byte) (list []string) {
	for _, m := range statedID.FindAllSubmatch(document, -1) {
		if len(list) < maxIDs && !slices.Contains(list, string(m[1])) {
			list = append(list, string(m[1]))
		}
	}
	return list
}

var statedID = regexp.MustCompile(` ID="(_[0-9a-f]{40})"`)
