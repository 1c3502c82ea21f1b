package xmltree

import "testing"

func TestFirst(t *testing.T) {
	doc := `<?xml version="1.0"?>
<a:r xmlns:a="urn:a" xmlns:b="urn:b" ID="1" b:z='x"&#9;y' a:z="1"	c="l
m"><b xmlns="urn:d"><c xmlns=""/>&gt;t&#xd;é</b><a:s x="1">sig<q/></a:s><b:e f="g" a="&lt;">h</b:e>x</a:r>`
	p := new(Parser)
	for range 2 {
		tr, err := p.Open([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s", tr.AppendCanonical(nil, tr.Root(), Element{}))
		sig := tr.Root().First().Next()
		without := string(tr.AppendCanonical(nil, tr.Root(), sig))
		t.Log(without)
		tr.Cut(tr.Root(), sig)
		if got := string(tr.AppendCanonical(nil, tr.Root(), Element{})); got != without {
			t.Fatal(got)
		}
		for c := range tr.Root().Children() {
			t.Log(c.Path(), c.Space(), c.Local(), c.Text(), c.Place())
			for a := range c.Attrs() {
				t.Logf("%+v", a)
			}
		}
		tr.Release()
	}
}
