package crash_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/crash"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/secrecy"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// written are all bytes that a run wrote, by where.
type written map[string][]byte

func (w written) add(where string, b []byte) { w[where] = append(append(w[where], b...), '\n') }

// TestNoNumber runs payments that are approved and declined, wrong instruments,
// and malformed messages with numbers where they do not belong, against processes
// that log everything, and searches all that was written for the numbers: the
// database, its files, logs, pages, answers, evidence and errors.
func TestNoNumber(t *testing.T) {
	for name, database := range databases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, url := t.TempDir(), database(t)
			m, err := crash.Open(t.Context(), crash.Config{Folder: folder, Postgres: url, Command: itself})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			b := &buyer{t: t, written: written{}, market: m}
			if b.client, b.signer, err = m.Requester(); err != nil {
				t.Fatal(err)
			}
			b.pg, b.issuer = m.Providers()
			b.buyAll()
			b.sendAll()
			b.pages()
			if err := m.Rest(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.files(folder) // while the write-ahead log is there
			if url != "" {
				b.dump(url)
			}
			m.Close()
			b.files(folder)
			b.search()
		})
	}
}

// buyer drives one market and keeps what comes out of it.
type buyer struct {
	t          *testing.T
	written    written
	market     *crash.Market
	client     *kecis.Client
	signer     *xmlsig.Signer
	pg, issuer string
	orders     int
}

// say keeps a value as programs print it.
func (b *buyer) say(where string, values ...any) {
	for _, v := range values {
		b.written.add(where, fmt.Appendf(nil, "%v %+v %#v %s %q", v, v, v, v, v))
		if err, ok := v.(error); ok {
			for ; err != nil; err = errors.Unwrap(err) {
				b.written.add(where, []byte(err.Error()))
			}
		}
	}
}

func (b *buyer) order(capture kecis.Capture) *kecis.PaymentRequest {
	b.orders++
	p := b.client.NewPayment(b.pg)
	p.OrderRef = kecis.OrderRef{Requester: b.client.Entity, OrderID: fmt.Sprintf("ORD-%d", b.orders), Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: b.client.Entity, Name: "shop1"}
	p.Amount, p.OrderAmount, p.Tax, p.Buyer = kecis.Won(20_000), kecis.Won(20_000), kecis.Tax{TaxFree: 20_000}, &ecml.Ecom{}
	p.Terms.Capture = capture
	return p
}

// tooSlow answers minutes later; all else is tried.
const tooSlow = "card-too-slow"

// wrong is a number whose check digit is wrong, other one of no institution.
const (
	wrong = "4000001200000017"
	other = "6212345678901232"
)

// buyAll pays with every instrument, captures, cancels, reverses and settles.
func (b *buyer) buyAll() {
	ctx := b.t.Context()
	var list []kecis.PlainInstrument
	for _, i := range issuer.TestInstruments() {
		if i.ID != tooSlow {
			list = append(list, i.Plain())
		}
	}
	for _, number := range []string{wrong, other} {
		list = append(list, kecis.PlainInstrument{Kind: kecis.Card, Number: ecml.NewCardNumber(number), ExpMonth: 12, ExpYear: 2099})
	}
	for i := range list {
		p := b.order(kecis.CaptureManual)
		concealed, err := b.client.Conceal(ctx, p, &list[i])
		b.say("conceal", err, list[i], concealed)
		if err != nil {
			continue
		}
		p.Instrument = concealed
		answer, err := b.client.Pay(ctx, p)
		b.say("pay", answer, err)
		if err != nil {
			end, err := b.client.Settle(ctx, p.ID)
			b.say("settle", end, err)
			continue
		}
		c := b.client.NewCapture(b.pg)
		c.OrderRef, c.Original, c.Final = p.OrderRef, kecis.Original{RequestID: p.ID}, true
		c.Amount, c.Tax = kecis.Won(10_000), kecis.Tax{TaxFree: 10_000}
		captured, err := b.client.Capture(ctx, c)
		b.say("capture", captured, err)
		end, err := b.client.Reverse(ctx, c.ID, kecis.ReasonNoAnswer)
		b.say("reverse", end, err)
		found, err := b.client.Inquire(ctx, b.pg, kecis.Original{RequestID: p.ID})
		b.say("inquire", found, err)
	}
}

// sendAll sends messages with a number where none belongs: malformed, signed by a
// key that is not known, and readable but refused.
func (b *buyer) sendAll() {
	number := testCard("card-approve")
	p := b.order(kecis.CaptureAutomatic)
	concealed, err := b.client.Conceal(b.t.Context(), p, &kecis.PlainInstrument{
		Kind: kecis.Card, Number: ecml.NewCardNumber(number), ExpMonth: 12, ExpYear: 2099,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	p.Instrument = concealed
	now := b.client.Clock.Now()
	p.Sender, p.Destination, p.IssueInstant, p.NotOnOrAfter = b.client.Entity, b.pg, now, now.Add(kecis.MaxWindow)
	good, err := kecis.Sign(p, b.signer)
	if err != nil {
		b.t.Fatal(err)
	}
	for name, change := range misplaced(number, string(p.ID)) {
		document, err := b.changed(good, change[0], change[1])
		if err != nil {
			b.t.Fatalf("%s: %v", name, err)
		}
		b.post(name, b.pg, document)
		b.post(name+" at the issuer", b.issuer, document)
		b.post(name+", signature broken", b.pg, bytes.Replace(document, []byte("SignatureValue>"), []byte("SignatureValue>AAAA"), 1))
		b.post(name+", in SOAP", b.pg, []byte(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>`+string(document)+`</s:Body></s:Envelope>`))
	}
	for name, document := range map[string]string{
		"no XML": number, "text": "<a>" + number + "</a>", "name": "<n" + number + "/>", "prefix": "<p" + number + ":a/>", "attribute": `<a b="` + number + `"/>`,
		"entity": "<!DOCTYPE a [<!ENTITY e '" + number + "'>]><a>&e;</a>", "reference": "<a>&n" + number + ";</a>", "unsigned": string(good[:50]) + number,
		"form": "number=" + number,
	} {
		b.post(name, b.pg, []byte(document))
	}
	b.post("in the address", b.pg+"?number="+number, good)
	_, err = b.client.Inquire(b.t.Context(), b.pg, kecis.Original{TransactionID: number})
	b.say("inquire", err)
}

// misplaced are changes of a good payment request that put a number where the
// standard has no place for one. Each has an ID of its own.
func misplaced(number, id string) map[string][2]string {
	spaced := number[:4] + " " + number[4:8] + " " + number[8:12] + " " + number[12:]
	return map[string][2]string{
		"ECML card number":  {`<Ecom>`, `<Ecom><Payment><Card><Number>` + number + `</Number></Card></Payment>`},
		"empty ECML":        {`</kecis:Buyer>`, `<x>` + number + `</x></kecis:Buyer>`},
		"first six":         {`First6="` + number[:6] + `"`, `First6="` + number + `"`},
		"last four":         {`Last4="` + number[12:] + `"`, `Last4="` + spaced + `"`},
		"brand":             {`Brand="VISA"`, `Brand="` + number + `"`},
		"unknown attribute": {`Brand="VISA"`, `Brand="VISA" Number="` + number + `"`},
		"unknown element":   {`<kecis:Instrument `, `<kecis:Number>` + number + `</kecis:Number><kecis:Instrument `},
		"amount":            {`>20000</kecis:Amount>`, `>` + number + `000</kecis:Amount>`},
		"currency":          {`Currency="KRW"`, `Currency="` + number + `"`},
		"ID":                {`ID="` + id + `"`, `ID="_` + number + `"`},
		"instant":           {`IssueInstant="`, `IssueInstant="` + number},
		"stray text":        {`<kecis:Instrument `, spaced + `<kecis:Instrument `},
	}
}

// changed changes a signed document and signs it again with another ID.
func (b *buyer) changed(document []byte, from, to string) ([]byte, error) {
	if !bytes.Contains(document, []byte(from)) {
		return nil, fmt.Errorf("no %s in %s", from, document)
	}
	id, err := kecis.NewID(rand.Reader)
	if err != nil {
		return nil, err
	}
	start, end := bytes.Index(document, []byte("<ds:Signature")), bytes.Index(document, []byte("</ds:Signature>"))
	bare := append(bytes.Clone(document[:start]), document[end+len("</ds:Signature>"):]...)
	bare = bytes.Replace(bare, []byte(from), []byte(to), 1)
	at := bytes.Index(bare, []byte(` ID="`)) + len(` ID="`)
	old := string(bare[at : at+bytes.IndexByte(bare[at:], '"')])
	if !strings.Contains(to, ` ID="`) && !strings.HasPrefix(to, `ID="`) {
		bare = bytes.Replace(bare, []byte(old), []byte(id), 1)
		old = string(id)
	}
	return b.signer.Insert(bare, bytes.Index(bare, []byte("</saml:Issuer>"))+len("</saml:Issuer>"), old)
}

// post sends a document and keeps what comes back.
func (b *buyer) post(name, address string, document []byte) {
	b.t.Helper()
	answer, err := http.Post(address, "application/xml; charset=utf-8", bytes.NewReader(document))
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.written.add("the answer to: "+name, body)
	b.written.add("the answer to: "+name, fmt.Appendf(nil, "%v", answer.Header))
	if len(body) == 0 {
		b.t.Errorf("%s: no answer, %s", name, answer.Status)
	}
}

// pages reads what cardholders see.
func (b *buyer) pages() {
	host := strings.TrimSuffix(b.issuer, "/kecis")
	for _, holder := range []string{issuer.HolderHong, issuer.HolderKim} {
		for _, path := range []string{"/inbox/", "/api/inbox/"} {
			answer, err := http.Get(host + path + holder)
			if err != nil {
				b.t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusOK {
				b.t.Errorf("%s: %v, %s", path, err, answer.Status)
			}
			b.written.add(path+holder, body)
		}
	}
}

// files reads every file of the run: logs, databases, write-ahead logs.
func (b *buyer) files(folder string) {
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		b.written.add(filepath.Base(path), content)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// dump reads every column of every table, and what pg_dump writes.
func (b *buyer) dump(url string) {
	if out, err := exec.Command("pg_dump", url).Output(); err == nil {
		b.written.add("pg_dump", out)
	} else if !errors.Is(err, exec.ErrNotFound) {
		b.t.Error(err)
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close()
	tables, err := column(b.t.Context(), db, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
	if err != nil || len(tables) == 0 {
		b.t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		rows, err := column(b.t.Context(), db, "SELECT * FROM "+string(table)) //nolint:unqueryvet // all columns are the point
		if err != nil {
			b.t.Fatal(err)
		}
		b.written.add("table "+string(table), bytes.Join(rows, []byte("\n")))
	}
}

// column reads all columns of a query, one after the other.
func column(ctx context.Context, db *sql.DB, query string) (values [][]byte, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		raw := make([]sql.RawBytes, len(names))
		into := make([]any, len(names))
		for i := range raw {
			into[i] = &raw[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for _, v := range raw {
			values = append(values, bytes.Clone(v))
		}
	}
	return values, rows.Err()
}

// search searches all that was written, and sees that it looked in the right
// places.
func (b *buyer) search() {
	numbers := []string{wrong, other}
	for _, i := range issuer.TestInstruments() {
		numbers = append(numbers, i.Number)
	}
	n := secrecy.Search(numbers...)
	size, masked := 0, 0
	for where, content := range b.written {
		size += len(content)
		masked += bytes.Count(content, []byte("400000"))
		for _, f := range n.In(content) {
			around := content[max(0, f.At-100):min(len(content), f.At+60)]
			b.t.Errorf("%s: %s: %q", where, f, around)
		}
	}
	b.t.Logf("%d places, %d bytes, %d times the first six digits", len(b.written), size, masked)
	if masked < 100 {
		b.t.Error("hardly anything masked was found: the search looks in the wrong places")
	}
}

func testCard(id string) string {
	for _, i := range issuer.TestInstruments() {
		if i.ID == id {
			return i.Number
		}
	}
	return ""
}
