package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// authenticateFlags say whose buyer is authenticated, and how.
type authenticateFlags struct {
	pay             payFlags
	method, variant string
	id, evidence    string
	confirm, follow bool
}

// lookPause is how long to wait between two looks at an authentication.
const lookPause = 2 * time.Second

func (a *app) authenticateCommand() *cobra.Command {
	f := &authenticateFlags{}
	cmd := &cobra.Command{
		Use:   "authenticate --config FILE --order ID --amount N",
		Short: a.say(phrase{"ask a provider to authenticate the buyer of an order", "주문한 구매자의 인증 요청"}),
		Long: a.say(phrase{
			`Asks a provider to authenticate the buyer of an order, and prints the page that
the buyer opens. Without --wait it ends at once; with --wait 10m it waits so long
for the end. --id ID looks at an authentication again, and --confirm sends what
the buyer has read, from standard input, where the shop asks for it itself.

Ends with 0 if the buyer is authenticated, 1 if not and never will be, 5 while it
waits for the buyer, and 6 if nobody knows. --evidence FILE keeps the proof:
kecis pay --evidence FILE pays with it, for 10 minutes.`,
			`주문한 구매자를 인증해 달라고 요청하고, 구매자가 열 페이지를 출력합니다. --wait가
없으면 바로 끝나고, --wait 10m이면 그동안 결과를 기다립니다. --id ID는 인증을 다시
조회하고, --confirm은 상점이 직접 물어본 값을 표준 입력에서 읽어 보냅니다.

인증되면 0, 인증되지 않았고 앞으로도 그러하면 1, 구매자를 기다리는 중이면 5, 알 수
없으면 6으로 끝납니다. --evidence FILE은 증빙을 저장합니다. 10분 동안
kecis pay --evidence FILE로 결제할 수 있습니다.`}),
		Example: `  kecis authenticate --config shop.yaml --order 2026-0001 --amount 300000 --instrument card-approve
  kecis authenticate --config shop.yaml --id A... --evidence proof.xml --wait 10m
  kecis pay --config shop.yaml --order 2026-0001 --amount 300000 --instrument card-approve --evidence proof.xml`,
		Args: a.arguments(),
	}
	flags := cmd.Flags()
	a.addOrderFlags(cmd, &f.pay)
	a.addInstrumentFlags(cmd, &f.pay.instrument)
	flags.StringVar(&f.method, "method", string(metadata.ByAmount), a.say(phrase{"amount or certificate", "amount 또는 certificate"}))
	flags.StringVar(&f.variant, "variant", "amount", a.say(phrase{"of amount: amount, descriptor or deposits", "amount의 방식: amount, descriptor, deposits"}))
	flags.StringVar(&f.id, "id", "", a.say(phrase{"ID of an authentication that was begun", "이미 시작한 인증의 ID"}))
	flags.BoolVar(&f.confirm, "confirm", false, a.say(phrase{"send what the buyer has read, from standard input", "구매자가 읽은 값을 표준 입력에서 읽어 전송"}))
	flags.StringVar(&f.evidence, "evidence", "", a.say(phrase{"file to keep the proof in", "증빙을 저장할 파일"}))
	complete(cmd, "method", string(metadata.ByAmount), string(metadata.ByCertificate))
	complete(cmd, "variant", "amount", "descriptor", "deposits")
	return a.asking(cmd, func(ctx context.Context, r *requester, _ []string) (answer, error) {
		f.follow = flags.Changed("wait")
		if err := a.checkAuthenticate(f); err != nil {
			return nil, err
		}
		return r.authenticate(ctx, f)
	})
}

func (a *app) checkAuthenticate(f *authenticateFlags) error {
	if err := a.oneOf("--method", f.method, string(metadata.ByAmount), string(metadata.ByCertificate)); err != nil {
		return err
	}
	if err := a.oneOf("--variant", f.variant, "amount", "descriptor", "deposits"); err != nil {
		return err
	}
	switch {
	case f.id != "" && !f.confirm:
		return nil
	case f.pay.order == "":
		return a.usage(a.say(phrase{"--order is missing", "--order가 없습니다"}), "")
	case f.id == "" && f.confirm:
		return a.usage(a.say(phrase{"--confirm needs --id", "--confirm에는 --id가 필요합니다"}), "")
	case f.id == "" && f.pay.amount == 0:
		return a.usage(a.say(phrase{"--amount is missing", "--amount가 없습니다"}), "")
	}
	return nil
}

// authenticate begins an authentication or looks at one, and waits for its end if
// that is asked for.
func (r *requester) authenticate(ctx context.Context, f *authenticateFlags) (answer, error) {
	out, at, err := r.authentication(ctx, f)
	for f.follow && errors.Is(err, kecis.ErrPending) && at != nil && (kecis.SystemClock{}).Sleep(ctx, lookPause) == nil {
		f.id = at.ID
		var looked *asked
		if looked, at, err = r.look(ctx, f); looked != nil {
			looked.Request, looked.Order = out.Request, out.Order
			out = looked
		}
	}
	if out == nil {
		return r.ended(r.asked("", kecis.OrderRef{}, phrase{}), err)
	}
	if err == nil && f.evidence != "" {
		if err := r.a.write(f.evidence, out.evidence, modePublic, true); err != nil {
			return nil, err
		}
	}
	return r.ended(out, err)
}

// authentication does what the flags ask for, once.
func (r *requester) authentication(ctx context.Context, f *authenticateFlags) (*asked, *kecis.Authentication, error) {
	switch {
	case f.confirm:
		return r.confirm(ctx, f)
	case f.id != "":
		return r.look(ctx, f)
	}
	p, err := r.authenticationRequest(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	m, err := r.client.Authenticate(ctx, p)
	return r.proved(p.ID, p.OrderRef, m, err)
}

// proved is the answer of a provider about an authentication.
func (r *requester) proved(id kecis.ID, order kecis.OrderRef, m *kecis.AuthenticationResponse, err error) (*asked, *kecis.Authentication, error) {
	out := r.asked(id, order, authenticatedWord())
	if m == nil {
		return out, nil, err
	}
	out.authenticated(&m.Authentication, m.Evidence())
	out.Code = string(m.Status.Code)
	return out, &m.Authentication, err
}

func authenticatedWord() phrase {
	return phrase{"The buyer is authenticated.", "구매자가 인증되었습니다."}
}

// authenticationRequest is the request for a new authentication.
func (r *requester) authenticationRequest(ctx context.Context, f *authenticateFlags) (*kecis.AuthenticationRequest, error) {
	about, err := r.payment(&f.pay)
	if err != nil {
		return nil, err
	}
	p := r.client.NewAuthentication(r.provider)
	p.OrderRef, p.Payee, p.Amount, p.OrderAmount = about.OrderRef, about.Payee, about.Amount, about.OrderAmount
	if p.Method = metadata.AuthenticationMethod(f.method); p.Method != metadata.ByAmount {
		return p, nil
	}
	p.Variant = map[string]kecis.Variant{
		"amount": kecis.VariantAmount, "descriptor": kecis.VariantDescriptor, "deposits": kecis.VariantDeposits,
	}[f.variant]
	plain, err := r.instrument(ctx, &f.pay.instrument)
	if err != nil {
		return nil, err
	}
	concealed, err := r.client.Conceal(ctx, about, plain)
	p.Instrument = &concealed
	return p, err
}

// look asks how an authentication stands.
func (r *requester) look(ctx context.Context, f *authenticateFlags) (*asked, *kecis.Authentication, error) {
	found, err := r.client.Authentication(ctx, r.provider, f.id)
	if err != nil || found == nil {
		return r.asked("", kecis.OrderRef{}, phrase{}), nil, err
	}
	out := r.asked("", found.OrderRef, authenticatedWord())
	out.authenticated(&found.Authentication, found.Evidence())
	out.Code = string(found.Result.Code)
	if found.Result.Outcome == kecis.Done {
		return out, &found.Authentication, nil
	}
	return out, &found.Authentication, &kecis.Fault{
		Outcome: found.Result.Outcome, Retry: found.Result.Retry, Code: found.Result.Code,
		Korean: found.Result.Code.Text("ko"), English: found.Result.Code.Text("en"),
	}
}

// confirm sends what the buyer has read.
func (r *requester) confirm(ctx context.Context, f *authenticateFlags) (*asked, *kecis.Authentication, error) {
	typed, err := r.a.hiddenLine(phrase{"What the buyer has read, not shown, then Enter: ", "구매자가 읽은 값을 입력(화면에 표시되지 않음)한 뒤 Enter: "}, "value")
	if err != nil {
		return nil, nil, err
	}
	defer clear(typed)
	order := kecis.OrderRef{Requester: r.settings.Party.Entity, OrderID: f.pay.order, Attempt: f.pay.attempt, Part: f.pay.part}
	p, err := r.client.NewConfirmation(ctx, r.provider, order, f.id, strings.TrimSpace(string(typed)))
	if err != nil {
		return nil, nil, err
	}
	m, err := r.client.Confirm(ctx, p)
	return r.proved(p.ID, order, m, err)
}

// shownAuthentication is an authentication as it stands.
type shownAuthentication struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	Method    string `json:"method"`
	Page      string `json:"page,omitempty"`
	Expires   string `json:"expires,omitempty"`
	TriesLeft int    `json:"triesLeft,omitempty"`
	// UsableUntil is until when a payment can be made with the proof.
	UsableUntil string `json:"usableUntil,omitempty"`
}

// authenticated puts an authentication into the answer.
func (o *asked) authenticated(a *kecis.Authentication, evidence kecis.Evidence) {
	if a.ID == "" {
		return
	}
	o.Authentication = &shownAuthentication{ID: a.ID, State: a.State.String(), Method: string(a.Method), Page: a.Page, TriesLeft: a.TriesLeft}
	if !a.Expires.IsZero() {
		o.Authentication.Expires = instant(a.Expires)
	}
	if a.Proof != nil {
		o.Authentication.UsableUntil = instant(a.Proof.NotOnOrAfter)
		o.evidence = evidence.Document
	}
}

func (s *shownAuthentication) print(p *page) {
	p.field(phrase{"Authentication", "인증"}, identifier(s.ID))
	p.field(phrase{"State", "상태"}, p.say(authenticationWord(s.State)))
	p.field(phrase{"Method", "방식"}, s.Method)
	p.field(phrase{"Page for the buyer", "구매자 페이지"}, shown(s.Page))
	p.field(phrase{"Until", "기한"}, s.Expires)
	if s.TriesLeft > 0 {
		p.field(phrase{"Tries left", "남은 횟수"}, p.say(phrase{"%d", "%d번"}, s.TriesLeft))
	}
	p.field(phrase{"Can be used until", "사용 기한"}, s.UsableUntil)
}

// authenticationWord names a state for people.
func authenticationWord(state string) phrase {
	for _, s := range []struct {
		state kecis.AuthenticationState
		word  phrase
	}{
		{kecis.AuthenticationPending, phrase{"waits for the buyer", "구매자 확인 대기"}}, {kecis.Authenticated, phrase{"authenticated", "인증됨"}},
		{kecis.AuthenticationFailed, phrase{"given up", "취소됨"}}, {kecis.AuthenticationLocked, phrase{"locked", "잠김"}},
		{kecis.AuthenticationExpired, phrase{"expired", "기한 만료"}}, {kecis.AuthenticationDeclined, phrase{"declined", "거절"}},
	} {
		if s.state.String() == state {
			return s.word
		}
	}
	return phrase{state, state}
}

// prove puts the proof of an authentication from a file into a payment, which is then
// made by the token of the instrument that the buyer was authenticated for.
func (r *requester) prove(ctx context.Context, p *kecis.PaymentRequest, file string) error {
	document, err := r.a.read(file, "evidence")
	if err != nil {
		return err
	}
	verifier := xmlsig.Verifier{Profile: xmlsig.Message(kecis.AuthenticationResponseKind.Root(), kecis.InquiryResponseKind.Root())}
	v, err := verifier.Verify(ctx, document, metadata.Keys(r.partners, r.a.now))
	if err != nil {
		return err
	}
	defer v.Release()
	m, err := kecis.Decode(v)
	if err != nil {
		return err
	}
	var at *kecis.Authentication
	switch m := m.(type) {
	case *kecis.AuthenticationResponse:
		at = &m.Authentication
	case *kecis.InquiryResponse:
		at = &m.Authentication
	}
	if at == nil || at.Proof == nil {
		return r.a.refused(r.a.say(phrase{"%s proves no authentication", "%s은(는) 인증의 증빙이 아닙니다"}, shown(file)), "")
	}
	p.Evidence = []kecis.Evidence{{Kind: kecis.EvidenceAuthentication, Document: document}}
	if at.Proof.InstrumentRef != "" {
		p.Instrument.Encrypted, p.Instrument.Ref = nil, at.Proof.InstrumentRef
	}
	return nil
}
