package suite

import (
	"context"
	"net/http"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// Check is one thing that must be so before cases can say anything.
type Check string

// The checks, in their order.
const (
	// CheckRole: the metadata declare the role and its payment endpoint.
	CheckRole Check = "role"
	// CheckEndpoint: the endpoint answers as one of KECIS does.
	CheckEndpoint Check = "endpoint"
	// CheckRoute: the PG's routing table leads the test card to the suite's issuer,
	// with the issuer's own key.
	CheckRoute Check = "route"
	// CheckPartner: the implementation knows the suite's asking party.
	CheckPartner Check = "partner"
	// CheckIssuer: the implementation reaches the suite's issuer.
	CheckIssuer Check = "issuer"
	// CheckPayment: an ordinary payment is approved.
	CheckPayment Check = "payment"
	// CheckClock: the clocks agree.
	CheckClock Check = "clock"
)

// Problem is a check that failed: a fault of the set-up rather than of the
// implementation.
type Problem struct {
	Check Check  `json:"check"`
	Found string `json:"found"`
}

// maxSkew is how far clocks may be apart for a run: deadlines of cases have
// minutes, and an answer from the future is refused.
const maxSkew = 30 * time.Second

// Preflight makes the checks, and returns the problems; after the first that
// stands in the way of the others it goes no further.
func (s *Stage) Preflight(ctx context.Context) []Problem {
	role, ok := s.Subject.Partner.Role(metadata.RoleName(s.Subject.Role))
	address, err := s.endpoint(metadata.ServicePayment)
	if !ok || err != nil {
		return []Problem{{CheckRole, "no payment endpoint of the role " + string(s.Subject.Role)}}
	}
	if p := s.reaches(ctx, address); p != nil {
		return []Problem{*p}
	}
	if p := s.leads(role); p != nil {
		return []Problem{*p}
	}
	return s.firstPayment(ctx)
}

// reaches asks for the endpoint by GET, which none serves (KECIS-PRO-002).
func (s *Stage) reaches(ctx context.Context, address string) *Problem {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return &Problem{CheckEndpoint, err.Error()}
	}
	response, err := s.HTTP.Do(request)
	if err != nil {
		return &Problem{CheckEndpoint, err.Error()}
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		return &Problem{CheckEndpoint, address + " answers GET with HTTP status " + response.Status + ", not 405"}
	}
	return nil
}

// leads looks for the way of the test card in a PG's routing table.
func (s *Stage) leads(role *metadata.Role) *Problem {
	if s.Subject.Role != conformance.PG {
		return nil
	}
	route, ok := role.Route(metadata.MethodCard, s.Subject.Card.Number.Reveal())
	if !ok || route.Issuer != s.Cast.Issuer.Entity {
		return &Problem{CheckRoute, "the test card does not lead to " + s.Cast.Issuer.Entity}
	}
	own := s.Cast.Issuer.Partner.Entity.Roles[0].EncryptionKeys[0].Recipient
	key, ok := route.Key(s.Clock.Now())
	if !ok || key.Recipient.KeyName() != own.KeyName() {
		return &Problem{CheckRoute, "the route has another encryption key than the suite's issuer"}
	}
	return nil
}

// firstPayment pays once, and says what stands in the way.
func (s *Stage) firstPayment(ctx context.Context) []Problem {
	a := &act{Context: ctx, stage: s}
	p := a.payment(kecis.CaptureAutomatic)
	r := a.send(p)
	switch {
	case a.err != nil:
		return []Problem{{CheckPayment, a.err.Error()}}
	case r.early == wireNotAuthenticated:
		return []Problem{{CheckPartner, r.describe()}}
	}
	h := responseOf(r.answer)
	switch {
	case h == nil:
		return []Problem{{CheckPayment, r.describe()}}
	case s.tap != nil && h.Status.Outcome != kecis.Done && len(s.tap.of(p.OrderRef.OrderID)) == 0:
		return []Problem{{CheckIssuer, r.describe()}}
	case h.Status.Outcome != kecis.Done:
		return []Problem{{CheckPayment, r.describe()}}
	}
	if skew := h.IssueInstant.Sub(s.Clock.Now()); skew > maxSkew || skew < -maxSkew {
		return []Problem{{CheckClock, skew.Round(time.Second).String()}}
	}
	return nil
}
