package issuer

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// Notice is a message to a cardholder, as an SMS or e-mail would be: in the
// inbox it can be read by a person, a test, or the robot buyer of the suite.
type Notice struct {
	// ID names the notice within the inbox.
	ID   string     `json:"-"`
	At   time.Time  `json:"at"`
	Kind NoticeKind `json:"kind"`
	// Instrument is masked: "400000******0002".
	Instrument string               `json:"instrument"`
	Method     kecis.InstrumentKind `json:"method"`
	// Amount is in minor units.
	Amount       int64             `json:"amount"`
	Currency     kecis.Currency    `json:"currency"`
	Instalments  kecis.Instalments `json:"instalments"`
	Payee        string            `json:"payee"`
	ApprovalCode string            `json:"approvalCode"`
	// Code is why a payment was declined.
	Code kecis.Code `json:"code"`
}

// NoticeKind says what a notice tells.
type NoticeKind string

// The kinds of notices.
const (
	NoticeApproved  NoticeKind = "approved"
	NoticeDeclined  NoticeKind = "declined"
	NoticeCancelled NoticeKind = "cancelled"
	NoticeDeposited NoticeKind = "deposited"
)

// notify puts a notice into the holder's inbox, in the commit of what it tells. A
// code by which the holder is authenticated stands behind the payee's name.
func (s *Issuer) notify(tx journal.Records, i *Instrument, p *Payment, kind NoticeKind, key string, amount int64) error {
	n := Notice{
		At: s.now(), Kind: kind, Instrument: i.Masked(), Method: i.Kind, Amount: amount, Currency: p.Currency,
		Instalments: p.Instalments, Payee: p.shown(), ApprovalCode: p.ApprovalCode, Code: p.Code,
	}
	return save(tx, spaceInbox, i.Holder+"/"+newestFirst(n.At)+"/"+key+"/"+string(kind), n)
}

// shown is the payee as the holder is told.
func (p *Payment) shown() string {
	if p.Descriptor == "" {
		return p.Payee
	}
	return p.Payee + " *" + p.Descriptor
}

// newestFirst writes a time so that later ones sort before earlier ones.
func newestFirst(t time.Time) string {
	const end = 999_999_999_999_999 // in milliseconds: beyond any year of four digits
	return fmt.Sprintf("%015d", end-t.UnixMilli())
}

// maxNotices bounds one page of an inbox.
const maxNotices = 100

// Inbox returns the latest notices of a holder, at most limit or 100, the newest
// first.
func (s *Issuer) Inbox(ctx context.Context, holder string, limit int) (notices []Notice, err error) {
	if !validHolder(holder) {
		return nil, nil
	}
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		notices = nil
		rows, err := tx.Range(spaceInbox, holder+"/", holder+"0", min(limit, maxNotices))
		if err != nil {
			return err
		}
		for _, r := range rows {
			var n Notice
			if err := json.Unmarshal(r.Value, &n); err != nil {
				return fmt.Errorf("issuer: a notice: %w", err)
			}
			n.ID = strings.TrimPrefix(r.Key, holder+"/")
			notices = append(notices, n)
		}
		return nil
	})
	return notices, err
}

// Text returns the notice as an SMS in Korean for "ko", else in English:
// "[KECIS카드] 12/31 14:03 50,000원 승인 (일시불) 꽃집, 카드 400000******0002".
func (n *Notice) Text(name, language string) string {
	korean := language == "ko" || strings.HasPrefix(language, "ko-")
	word, instrument := n.words(korean)
	parts := []string{"[" + name + "]", n.At.In(seoul()).Format("01/02 15:04"), kecis.Money{Minor: n.Amount, Currency: n.Currency}.Format(language), word}
	if n.Method == kecis.Card && n.Kind != NoticeCancelled {
		parts = append(parts, "("+plan(n.Instalments, korean)+")")
	}
	text := strings.Join(append(parts, n.Payee), " ") + ", " + instrument + " " + n.Instrument
	if n.Kind == NoticeDeclined {
		text += ": " + n.Code.Text(language)
	}
	return text
}

func (n *Notice) words(korean bool) (what, instrument string) {
	what, instrument = string(n.Kind), n.Method.String()
	if !korean {
		return what, instrument
	}
	switch n.Kind {
	case NoticeApproved:
		what = "승인"
	case NoticeDeclined:
		what = "승인거절"
	case NoticeCancelled:
		what = "취소"
	case NoticeDeposited:
		what = "입금"
	}
	switch n.Method {
	case kecis.Card:
		instrument = "카드"
	case kecis.Account:
		instrument = "계좌"
	case kecis.EMoney:
		instrument = "전자화폐"
	}
	return what, instrument
}

func plan(n kecis.Instalments, korean bool) string {
	switch {
	case n == kecis.LumpSum && korean:
		return "일시불"
	case n == kecis.LumpSum:
		return "lump sum"
	case korean:
		return fmt.Sprintf("%d개월", n)
	}
	return fmt.Sprintf("%d months", n)
}
