package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// violation is what axe-core finds wrong with a page.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s)", v.Impact, v.Help, v.ID)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n  %s\n  %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", " "))
	}
	return b.String()
}

// accessible runs axe-core over the page: nothing of any impact is left. It runs in a
// world of its own, which sees the document but neither the page's scripts nor its
// policy.
func (p *tab) accessible(state string) {
	p.t.Helper()
	for _, v := range p.axe() {
		p.t.Errorf("%s, %s: %s", p.visitor, state, v)
	}
}

// axe returns what axe-core finds.
func (p *tab) axe() (found []violation) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	raw, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (raw string, err error) {
		tree, err := cdp.Call(ctx, target, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return "", err
		}
		world, err := cdp.Call(ctx, target, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe"})
		if err != nil {
			return "", err
		}
		yes := true
		result, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{
			Expression: p.browser.axe + `;axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`,
			ContextID:  world.ExecutionContextID, ReturnByValue: &yes, AwaitPromise: &yes,
		})
		if err != nil {
			return "", err
		}
		if result.ExceptionDetails != nil {
			return "", &chromedp.ExceptionError{ExceptionDetails: result.ExceptionDetails}
		}
		return raw, json.Unmarshal(result.Result.Value, &raw)
	})
	if err == nil {
		err = json.Unmarshal([]byte(raw), &found)
	}
	if err != nil {
		p.t.Fatalf("axe-core: %v", err)
	}
	return found
}
