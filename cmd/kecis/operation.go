package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
)

// originalFlags name the payment, or the request, that a command is about.
type originalFlags struct{ transaction, request string }

func (a *app) addOriginalFlags(cmd *cobra.Command, f *originalFlags) {
	cmd.Flags().StringVar(&f.transaction, "transaction", "", a.say(phrase{"ID of the payment, as the provider gave it", "PG가 준 거래 ID"}))
	cmd.Flags().StringVar(&f.request, "request", "", a.say(phrase{"ID of the request that made it, as kecis pay printed it", "결제 요청의 ID(kecis pay가 출력한 것)"}))
}

// original is the one that the flags name.
func (a *app) original(f *originalFlags) (kecis.Original, error) {
	if (f.transaction == "") == (f.request == "") {
		return kecis.Original{}, a.usage(a.say(phrase{"name the payment by --transaction or by --request", "--transaction과 --request 중 하나로 결제를 지정하십시오"}), "")
	}
	if f.request == "" {
		return kecis.Original{TransactionID: f.transaction}, nil
	}
	id, err := a.requestID(f.request)
	return kecis.Original{RequestID: id}, err
}

func (a *app) requestID(s string) (kecis.ID, error) {
	id, err := kecis.ParseID(s)
	if err != nil {
		return "", a.usage(a.say(phrase{"%q is no ID of a request: it is _ and 40 hexadecimal digits", "%q은(는) 요청 ID가 아닙니다. _와 16진수 40자리입니다"}, messageID(s)), "")
	}
	return id, nil
}

func (a *app) inquireCommand() *cobra.Command {
	f := &originalFlags{}
	cmd := &cobra.Command{
		Use:   "inquire --config FILE --transaction ID",
		Short: a.say(phrase{"inquire: what became of a payment or a request", "결제 또는 요청의 결과 조회"}),
		Long: a.say(phrase{
			`Asks for the state of a payment, or what became of a request. Ends as the request
that it is about did: 0 done, 1 not done, 5 pending, 6 unknown or not found.`,
			`결제의 상태나 요청의 결과를 조회합니다. 조회한 요청의 결과에 따라 완료 0, 처리되지
않음 1, 대기 5, 알 수 없거나 찾지 못하면 6으로 끝납니다.`}),
		Example: `  kecis inquire --config shop.yaml --transaction T...
  kecis inquire --config shop.yaml --request _...`,
		Args: a.arguments(),
	}
	a.addOriginalFlags(cmd, f)
	return a.asking(cmd, func(ctx context.Context, r *requester, _ []string) (answer, error) {
		about, err := a.original(f)
		if err != nil {
			return nil, err
		}
		found, err := r.client.Inquire(ctx, r.provider, about)
		out := r.asked(about.RequestID, kecis.OrderRef{}, phrase{"Found.", "조회되었습니다."})
		if err != nil || found == nil {
			return r.ended(out, err)
		}
		out = r.asked(about.RequestID, found.OrderRef, phrase{"Found.", "조회되었습니다."}).state(&found.Transaction)
		for i := range found.Cancelled {
			c := &found.Cancelled[i]
			out.Cancelled = append(out.Cancelled, shownCancelled{c.ID, c.Kind.String(), c.Amount.Minor})
		}
		if out.Code = string(found.Result.Code); found.Result.Outcome == kecis.Done {
			return r.ended(out, nil)
		}
		return r.ended(out, &kecis.Fault{
			Outcome: found.Result.Outcome, Retry: found.Result.Retry, Code: found.Result.Code,
			Korean: found.Result.Code.Text("ko"), English: found.Result.Code.Text("en"),
		})
	})
}

// payment asks for the payment that a capture or cancellation is about.
func (r *requester) found(ctx context.Context, about kecis.Original) (*kecis.InquiryResponse, error) {
	found, err := r.client.Inquire(ctx, r.provider, about)
	if err == nil && found.Transaction.ID == "" {
		return nil, r.a.refused(r.a.say(phrase{"there is no payment to that", "해당하는 결제가 없습니다"}), "")
	}
	return found, err
}

func (a *app) captureCommand() *cobra.Command {
	f := &originalFlags{}
	var amount int64
	var more bool
	cmd := &cobra.Command{
		Use:     "capture --config FILE --transaction ID",
		Short:   a.say(phrase{"capture an authorised payment", "승인된 결제의 매입"}),
		Example: "  kecis capture --config shop.yaml --transaction T... --amount 30000",
		Args:    a.arguments(),
	}
	a.addOriginalFlags(cmd, f)
	cmd.Flags().Int64Var(&amount, "amount", 0, a.say(phrase{"in minor units; all that is held if not given", "최소 단위 금액. 생략하면 전액"}))
	cmd.Flags().BoolVar(&more, "more", false, a.say(phrase{"another capture follows: what is left stays held", "추가 매입 예정: 남은 금액을 유지"}))
	return a.asking(cmd, func(ctx context.Context, r *requester, _ []string) (answer, error) {
		about, err := a.original(f)
		if err != nil {
			return nil, err
		}
		return r.capture(ctx, about, amount, !more)
	})
}

// capture captures an amount of a payment, or with 0 all that is held.
func (r *requester) capture(ctx context.Context, about kecis.Original, amount int64, final bool) (answer, error) {
	found, err := r.found(ctx, about)
	if err != nil {
		return r.ended(r.asked("", kecis.OrderRef{}, phrase{}), err)
	}
	c := r.client.NewCapture(r.provider)
	c.OrderRef, c.Original, c.Final = found.OrderRef, kecis.Original{TransactionID: found.Transaction.ID}, final
	c.Amount = found.Transaction.Amount
	if c.Amount.Minor -= found.Transaction.Captured; amount != 0 {
		c.Amount.Minor = amount
	}
	c.Tax = taxOf(c.Amount, -1, 0, 0)
	out := r.asked(c.ID, c.OrderRef, phrase{"Captured.", "매입되었습니다."})
	captured, err := r.client.Capture(ctx, c)
	if captured != nil {
		out.state(&captured.Transaction)
		out.Code = string(captured.Status.Code)
	}
	return r.ended(out, err)
}

// cancelReasons are why a payment is cancelled, by their words.
var cancelReasons = map[string]kecis.CancelReason{
	"buyer": kecis.ReasonBuyer, "requester": kecis.ReasonRequester, "duplicate": kecis.ReasonDuplicate, "fraud": kecis.ReasonFraud,
}

func (a *app) cancelCommand() *cobra.Command {
	f := &originalFlags{}
	var amount, balance int64
	var reason string
	cmd := &cobra.Command{
		Use:   "cancel --config FILE --transaction ID",
		Short: a.say(phrase{"cancel a payment, in full or in part", "결제의 전체 또는 부분 취소"}),
		Long: a.say(phrase{
			`Cancels what is left of a payment, or with --amount a part of it. The provider is
told what the shop believes can still be cancelled, and refuses if that is not so:
give it with --balance where others may cancel too, else it is inquired before.`,
			`결제의 남은 금액 전체를, 또는 --amount로 일부를 취소합니다. 상점이 아는 취소 가능
금액을 함께 보내며, 다르면 PG가 거부합니다. 동시에 다른 취소가 있을 수 있으면
--balance로 직접 주십시오. 생략하면 먼저 조회합니다.`}),
		Example: `  kecis cancel --config shop.yaml --transaction T...
  kecis cancel --config shop.yaml --transaction T... --amount 10000 --balance 50000`,
		Args: a.arguments(),
	}
	a.addOriginalFlags(cmd, f)
	cmd.Flags().Int64Var(&amount, "amount", 0, a.say(phrase{"part to cancel, in minor units; all that is left if not given", "취소할 금액(최소 단위). 생략하면 남은 전액"}))
	cmd.Flags().Int64Var(&balance, "balance", 0, a.say(phrase{"what can still be cancelled before this, as the shop knows it", "상점이 아는 취소 전 취소 가능 금액"}))
	cmd.Flags().StringVar(&reason, "reason", "buyer", a.say(phrase{"buyer, requester, duplicate or fraud", "buyer, requester, duplicate, fraud"}))
	complete(cmd, "reason", "buyer", "requester", "duplicate", "fraud")
	return a.asking(cmd, func(ctx context.Context, r *requester, _ []string) (answer, error) {
		if err := a.oneOf("--reason", reason, "buyer", "requester", "duplicate", "fraud"); err != nil {
			return nil, err
		}
		about, err := a.original(f)
		if err != nil {
			return nil, err
		}
		return r.cancel(ctx, about, amount, balance, cancelReasons[reason])
	})
}

func (r *requester) cancel(ctx context.Context, about kecis.Original, amount, balance int64, reason kecis.CancelReason) (answer, error) {
	found, err := r.found(ctx, about)
	if err != nil {
		return r.ended(r.asked("", kecis.OrderRef{}, phrase{}), err)
	}
	c := r.client.NewCancellation(r.provider)
	c.OrderRef, c.Original, c.Reason = found.OrderRef, kecis.Original{TransactionID: found.Transaction.ID}, reason
	if c.ExpectedBalance = balance; balance == 0 {
		c.ExpectedBalance = found.Transaction.Cancellable
	}
	c.Amount = kecis.Money{Minor: c.ExpectedBalance, Currency: found.Transaction.Amount.Currency}
	if c.Scope = kecis.CancelFull; amount != 0 && amount != c.Amount.Minor {
		c.Scope, c.Amount.Minor = kecis.CancelPart, amount
	}
	if c.Amount.Minor == 0 {
		out := r.asked("", found.OrderRef, phrase{}).state(&found.Transaction)
		return out, r.a.refused(r.a.say(phrase{"nothing is left to be cancelled", "취소할 금액이 없습니다"}), "")
	}
	c.Tax = taxOf(c.Amount, -1, 0, 0)
	out := r.asked(c.ID, c.OrderRef, phrase{"Cancelled.", "취소되었습니다."})
	cancelled, err := r.client.Cancel(ctx, c)
	if cancelled != nil {
		out.state(&cancelled.Transaction)
		out.Code = string(cancelled.Status.Code)
		if v := &cancelled.Cancelled; v.ID != "" {
			out.Cancelled = []shownCancelled{{v.ID, v.Kind.String(), v.Amount.Minor}}
		}
	}
	return r.ended(out, err)
}

// reversalReasons are why a request is reversed, by their words.
var reversalReasons = map[string]kecis.ReversalReason{
	"no-answer": kecis.ReasonNoAnswer, "mismatch": kecis.ReasonMismatch, "failure": kecis.ReasonFailure, "abandoned": kecis.ReasonAbandoned,
}

func (a *app) reverseCommand() *cobra.Command {
	var request, reason string
	cmd := &cobra.Command{
		Use:   "reverse --config FILE --request ID",
		Short: a.say(phrase{"reverse a payment or capture whose answer never came", "응답이 오지 않은 결제나 매입의 망취소"}),
		Long: a.say(phrase{
			`Undoes a payment or capture of this requester by the ID of its request, whether it
arrived or not; what comes later is refused. It can be repeated.`,
			`이 요청자의 결제나 매입을 요청 ID로 되돌립니다. 요청이 도착했는지와 무관하며, 나중에
도착하는 요청은 거부됩니다. 반복해도 됩니다.`}),
		Example: "  kecis reverse --config shop.yaml --request _...",
		Args:    a.arguments(),
	}
	cmd.Flags().StringVar(&request, "request", "", a.say(phrase{"ID of the request, as kecis pay printed it", "요청 ID(kecis pay가 출력한 것)"}))
	cmd.Flags().StringVar(&reason, "reason", "no-answer", a.say(phrase{"no-answer, mismatch, failure or abandoned", "no-answer, mismatch, failure, abandoned"}))
	complete(cmd, "reason", "no-answer", "mismatch", "failure", "abandoned")
	return a.asking(cmd, func(ctx context.Context, r *requester, _ []string) (answer, error) {
		if err := a.oneOf("--reason", reason, "no-answer", "mismatch", "failure", "abandoned"); err != nil {
			return nil, err
		}
		id, err := a.requestID(request)
		if err != nil {
			return nil, err
		}
		end, err := r.client.Reverse(ctx, id, reversalReasons[reason])
		out := r.asked(id, kecis.OrderRef{}, phrase{"Reversed: nothing of the request stands.", "망취소되었습니다. 요청의 효력이 남아 있지 않습니다."}).state(&end.Transaction)
		out.Code = string(end.Code)
		return r.ended(out, r.stillUnknown(err))
	})
}

func (a *app) settleCommand() *cobra.Command {
	var request string
	cmd := &cobra.Command{
		Use:   "settle --config FILE --request ID",
		Short: a.say(phrase{"settle a request whose outcome is unknown", "결과를 알 수 없는 요청의 확정"}),
		Long: a.say(phrase{
			`Asks what became of a request, and if nobody knows reverses a payment or capture,
and repeats a cancellation. Ends with 0 if the request is done, 1 if it is not and
never will be.`,
			`요청의 결과를 조회하고, 알 수 없으면 결제와 매입은 망취소하고 취소는 다시 보냅니다.
요청이 처리되었으면 0, 처리되지 않았고 앞으로도 그러하면 1로 끝납니다.`}),
		Example: "  kecis settle --config shop.yaml --request _...",
		Args:    a.arguments(),
	}
	cmd.Flags().StringVar(&request, "request", "", a.say(phrase{"ID of the request, as kecis pay printed it", "요청 ID(kecis pay가 출력한 것)"}))
	return a.asking(cmd, func(ctx context.Context, r *requester, _ []string) (answer, error) {
		id, err := a.requestID(request)
		if err != nil {
			return nil, err
		}
		return r.settle(ctx, r.asked(id, kecis.OrderRef{}, phrase{"The request is done.", "요청이 처리되었습니다."}), id)
	})
}

// stillUnknown is the error of a request that could not be brought to its end: in
// the time that there was, or because the journal does not hold it.
func (r *requester) stillUnknown(err error) error {
	switch {
	case errors.Is(err, kecis.ErrNotSent):
		return r.a.refused(r.a.say(phrase{"no request of that ID stands in this journal", "그 ID의 요청이 이 저널에 없습니다"}),
			r.a.say(phrase{"use the configuration that sent it", "보낼 때 쓴 설정을 쓰십시오"}))
	case errors.Is(err, context.DeadlineExceeded):
		code := kecis.ErrOutcomeUnknown
		return &kecis.Fault{Outcome: kecis.Unknown, Retry: kecis.RetryInquire, Code: code, Korean: code.Text("ko"), English: code.Text("en")}
	}
	return err
}
