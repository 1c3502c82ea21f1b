package xmltree_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/kecis/sdk/kecis/xmltree"
)

func ExampleParse() {
	tree, err := xmltree.Parse([]byte(`<order xmlns="urn:example:orders" id='1'><item price="45000">사과</item></order>`))
	if err != nil {
		log.Fatal(err)
	}
	item := tree.Root().First()
	price, _ := item.Attr("price")
	fmt.Println(item.Path(), item.Text(), price)
	fmt.Printf("%s\n", tree.AppendCanonical(nil, item, xmltree.Element{}))

	_, err = xmltree.Parse([]byte("<!DOCTYPE order><order/>"))
	fmt.Println(errors.Is(err, xmltree.ErrDoctype))
	// Output:
	// /order/item 사과 45000
	// <item xmlns="urn:example:orders" price="45000">사과</item>
	// true
}

func ExampleWriter() {
	w := xmltree.NewWriter(nil, xmltree.Namespace{Prefix: "o", URI: "urn:example:orders"})
	w.Start("o", "order")
	w.Attr("", "id", "1")
	w.Leaf("o", "note", "a < b")
	w.End()
	doc, err := w.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", doc)
	// Output:
	// <o:order xmlns:o="urn:example:orders" id="1"><o:note>a &lt; b</o:note></o:order>
}
