package conformance_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/kecis/sdk/conformance"
)

// TestVectorsFailClosed gives the runner lists with one fault each: nothing but
// the right result for the right reason is a pass.
func TestVectorsFailClosed(t *testing.T) {
	run := func(vector string) (conformance.VectorResult, error) {
		files := fstest.MapFS{
			"index.json": {Data: []byte(`{"format":1,"standard":"x","now":"2026-11-24T09:00:00Z","keys":{},"vectors":[{"id":"v","clauses":["KECIS-XML-006"],"note":"n",` + vector + `}]}`)},
			"good.xml":   {Data: []byte(`<a></a>`)},
			"bad.xml":    {Data: []byte(`<a><!-- --></a>`)},
			"other.xml":  {Data: []byte(`<b></b>`)},
			"large.xml":  {Data: []byte(`<a>@@</a>`)},
		}
		results, err := conformance.RunVectors(context.Background(), files)
		if err != nil {
			return conformance.VectorResult{}, err
		}
		return results[0], nil
	}
	for _, test := range []struct {
		name, vector string
		want         conformance.Verdict
	}{
		{"valid", `"file":"good.xml","operation":"parse","result":"valid"`, conformance.Passed},
		{"refused as it must be", `"file":"bad.xml","operation":"parse","result":"invalid","layer":"xml","code":"xml-comment","twin":"v"`, conformance.Passed},
		{"refused for another reason", `"file":"bad.xml","operation":"parse","result":"invalid","layer":"xml","code":"xml-cdata","twin":"v"`, conformance.Failed},
		{"accepted", `"file":"good.xml","operation":"parse","result":"invalid","layer":"xml","code":"xml-comment","twin":"v"`, conformance.Failed},
		{"valid but refused", `"file":"bad.xml","operation":"parse","result":"valid"`, conformance.Failed},
		{"no code", `"file":"bad.xml","operation":"parse","result":"invalid","layer":"xml","twin":"v"`, conformance.CouldNotRun},
		{"no code, accepted", `"file":"good.xml","operation":"parse","result":"invalid","layer":"xml","twin":"v"`, conformance.CouldNotRun},
		{"code of a valid one", `"file":"bad.xml","operation":"parse","result":"valid","layer":"xml","code":"xml-comment"`, conformance.CouldNotRun},
		{"canonical form", `"file":"good.xml","operation":"canonicalize","result":"valid","canonical":"good.xml"`, conformance.Passed},
		{"another canonical form", `"file":"good.xml","operation":"canonicalize","result":"valid","canonical":"other.xml"`, conformance.Failed},
		{"no canonical form", `"file":"good.xml","operation":"canonicalize","result":"valid","canonical":"nowhere.xml"`, conformance.Failed},
		{"digest that is not given", `"file":"good.xml","operation":"parse","result":"valid","digest":"00"`, conformance.Failed},
		{"no file", `"file":"nowhere.xml","operation":"parse","result":"valid"`, conformance.CouldNotRun},
		{"unknown operation", `"file":"good.xml","operation":"hear","result":"valid"`, conformance.CouldNotRun},
		{"unknown profile", `"file":"good.xml","operation":"verify","profile":"x","keys":[],"result":"valid"`, conformance.CouldNotRun},
		{"unknown key", `"file":"good.xml","operation":"verify","profile":"message","keys":["k"],"result":"valid"`, conformance.CouldNotRun},
		{"no marker", `"file":"good.xml","operation":"parse","result":"valid","repeat":{"marker":"@@","text":"x","count":1}`, conformance.CouldNotRun},
		{"repeated", `"file":"large.xml","operation":"parse","result":"invalid","layer":"xml","code":"xml-too-large","twin":"v","repeat":{"marker":"@@","text":"x","count":5000000}`, conformance.Passed},
		{"bad clock", `"file":"good.xml","operation":"parse","result":"valid","now":"noon"`, conformance.CouldNotRun},
	} {
		result, err := run(test.vector)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if result.Verdict != test.want || (result.Problem == nil) != (test.want == conformance.Passed) {
			t.Errorf("%s: %s (%v), want %s", test.name, result.Verdict, result.Problem, test.want)
		}
	}
	if _, err := run(`"file":"good.xml","operation":"parse","result":"valid","mood":"x"`); err == nil {
		t.Error("an unknown field was read over")
	}
	if _, err := conformance.RunVectors(context.Background(), fstest.MapFS{}); err == nil {
		t.Error("a folder without a list is no error")
	}
	if _, err := conformance.RunVectors(context.Background(), fstest.MapFS{"index.json": {Data: []byte(`{"format":1,"vectors":[]}`)}}); err == nil {
		t.Error("an empty list is no error")
	}
	if _, err := conformance.RunVectors(context.Background(), fstest.MapFS{"index.json": {Data: []byte(`{"format":2,"vectors":[]}`)}}); err == nil {
		t.Error("an unknown format is no error")
	}
}
