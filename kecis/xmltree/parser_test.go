package xmltree_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

// TestRefused holds one document for each way in which a document is refused,
// with the code and the place that the error must give.
func TestRefused(t *testing.T) {
	tests := []struct {
		name, doc string
		code      xmltree.Code
		place     string
	}{
		{"empty", "", xmltree.ErrNotWellFormed, "line 1, column 1"},
		{"only white space", " \n", xmltree.ErrNotWellFormed, "line 2, column 1"},
		{"text before the root", "x<a/>", xmltree.ErrNotWellFormed, "line 1, column 1"},
		{"text after the root", "<a/>x", xmltree.ErrNotWellFormed, "line 1, column 5"},
		{"second root", "<a/><b/>", xmltree.ErrNotWellFormed, "line 1, column 5"},
		{"end tag alone", "</a>", xmltree.ErrNotWellFormed, "line 1, column 1"},
		{"unclosed", "<a><b></b>", xmltree.ErrNotWellFormed, "line 1, column 11"},
		{"crossed", "<a><b></a></b>", xmltree.ErrNotWellFormed, "line 1, column 7"},
		{"longer end tag", "<a></ab>", xmltree.ErrNotWellFormed, "line 1, column 4"},
		{"shorter end tag", "<ab></a>", xmltree.ErrNotWellFormed, "line 1, column 5"},
		{"blank in end tag", "<a></ a>", xmltree.ErrNotWellFormed, "line 1, column 4"},
		{"open start tag", "<a", xmltree.ErrNotWellFormed, "line 1, column 3"},
		{"only <", "<", xmltree.ErrNotWellFormed, "line 1, column 1"},
		{"slash alone", "<a/ >", xmltree.ErrNotWellFormed, "line 1, column 3"},
		{"no space between attributes", `<a b="1"c="2"/>`, xmltree.ErrNotWellFormed, "line 1, column 9"},
		{"unquoted", "<a b=1/>", xmltree.ErrNotWellFormed, "line 1, column 6"},
		{"no value", "<a b/>", xmltree.ErrNotWellFormed, "line 1, column 5"},
		{"open value", `<a b="`, xmltree.ErrNotWellFormed, "line 1, column 6"},
		{"< in value", `<a b="<"/>`, xmltree.ErrNotWellFormed, "line 1, column 7"},
		{"]]> in text", "<a>]]></a>", xmltree.ErrNotWellFormed, "line 1, column 6"},
		{"markup declaration inside", "<a><!ELEMENT b></a>", xmltree.ErrNotWellFormed, "line 1, column 4"},

		{"Latin-1 byte", "<a>\xe9</a>", xmltree.ErrEncoding, "line 1, column 4"},
		{"overlong", "<a>\xc0\xaf</a>", xmltree.ErrEncoding, "line 1, column 4"},
		{"surrogate in UTF-8", "<a>\xed\xa0\x80</a>", xmltree.ErrEncoding, "line 1, column 4"},
		{"UTF-16 with mark", "\xff\xfe<\x00a\x00", xmltree.ErrEncoding, "line 1, column 1"},
		{"UTF-16 without mark", "<\x00a\x00/\x00>\x00", xmltree.ErrEncoding, "line 1, column 2"},
		{"declared EUC-KR", `<?xml version="1.0" encoding="euc-kr"?><a/>`, xmltree.ErrEncoding, "line 1, column 1"},
		{"declared UTF-7", `<?xml version="1.0" encoding="UTF-7"?><a/>`, xmltree.ErrEncoding, "line 1, column 1"},

		{"XML 1.1", `<?xml version="1.1"?><a/>`, xmltree.ErrDeclaration, "line 1, column 1"},
		{"no version", `<?xml encoding="UTF-8"?><a/>`, xmltree.ErrDeclaration, "line 1, column 1"},
		{"declaration twice", `<?xml version="1.0"?><?xml version="1.0"?><a/>`, xmltree.ErrDeclaration, "line 1, column 22"},
		{"declaration late", ` <?xml version="1.0"?><a/>`, xmltree.ErrDeclaration, "line 1, column 2"},
		{"declaration inside", `<a><?xml version="1.0"?></a>`, xmltree.ErrDeclaration, "line 1, column 4"},
		{"declaration open", `<?xml version="1.0"`, xmltree.ErrDeclaration, "line 1, column 1"},
		{"declaration out of order", `<?xml version="1.0" standalone="no" encoding="UTF-8"?><a/>`, xmltree.ErrDeclaration, "line 1, column 1"},
		{"standalone maybe", `<?xml version="1.0" standalone="maybe"?><a/>`, xmltree.ErrDeclaration, "line 1, column 1"},

		{"DOCTYPE", "<!DOCTYPE a><a/>", xmltree.ErrDoctype, "line 1, column 1"},
		{"DOCTYPE with subset", `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>`, xmltree.ErrDoctype, "line 1, column 1"},
		{"DOCTYPE inside", "<a><!DOCTYPE a></a>", xmltree.ErrDoctype, "line 1, column 4"},
		{"instruction", "<a><?p x?></a>", xmltree.ErrProcessingInstruction, "line 1, column 4"},
		{"instruction before", "<?p?><a/>", xmltree.ErrProcessingInstruction, "line 1, column 1"},
		{"instruction after", "<a/><?p?>", xmltree.ErrProcessingInstruction, "line 1, column 5"},
		{"stylesheet", `<?xml-stylesheet href="x"?><a/>`, xmltree.ErrProcessingInstruction, "line 1, column 1"},
		{"instruction named XML", "<a><?XML?></a>", xmltree.ErrProcessingInstruction, "line 1, column 4"},
		{"comment", "<a>1<!-- -->2</a>", xmltree.ErrComment, "line 1, column 5"},
		{"comment before", "<!----><a/>", xmltree.ErrComment, "line 1, column 1"},
		{"comment after", "<a/>\n<!---->", xmltree.ErrComment, "line 2, column 1"},
		{"CDATA", "<a><![CDATA[x]]></a>", xmltree.ErrCDATA, "line 1, column 4"},

		{"zero", "<a>bcd\x00</a>", xmltree.ErrCharacter, "line 1, column 7"},
		{"control", "<a>\x01</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"control in value", "<a b='\x1f'/>", xmltree.ErrCharacter, "line 1, column 7"},
		{"U+FFFE", "<a>\ufffe</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"U+FFFF in value", "<a b='\uffff'/>", xmltree.ErrCharacter, "line 1, column 7"},
		{"reference to zero", "<a>&#0;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference to a surrogate", "<a>&#xD800;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference to U+FFFF", "<a>&#xFFFF;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference too high", "<a>&#x110000;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference overflow", "<a>&#99999999999999999999;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference with sign", "<a>&#+65;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference with capital X", "<a>&#X41;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference without digits", "<a>&#x;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"reference without anything", "<a>&#;</a>", xmltree.ErrCharacter, "line 1, column 4"},
		{"unknown entity", "<a>&nbsp;</a>", xmltree.ErrEntity, "line 1, column 4"},
		{"entity in value", "<a b='&e;'/>", xmltree.ErrEntity, "line 1, column 7"},
		{"bare ampersand", "<a>a & b</a>", xmltree.ErrEntity, "line 1, column 6"},
		{"entity in capitals", "<a>&AMP;</a>", xmltree.ErrEntity, "line 1, column 4"},

		{"digit first", "<1/>", xmltree.ErrName, "line 1, column 2"},
		{"blank first", "< a/>", xmltree.ErrName, "line 1, column 2"},
		{"colon first", "<:a/>", xmltree.ErrName, "line 1, column 2"},
		{"colon last", "<a:/>", xmltree.ErrName, "line 1, column 2"},
		{"two colons", `<a:b:c xmlns:a="urn:a"/>`, xmltree.ErrName, "line 1, column 2"},
		{"local part begins with a digit", `<a:1 xmlns:a="urn:a"/>`, xmltree.ErrName, "line 1, column 2"},
		{"attribute :x", `<a :x="1"/>`, xmltree.ErrName, "line 1, column 4"},
		{"multiplication sign", "<×/>", xmltree.ErrName, "line 1, column 2"},

		{"undeclared element prefix", "<p:a/>", xmltree.ErrUndeclaredPrefix, "line 1, column 1"},
		{"undeclared attribute prefix", "<a p:b=''/>", xmltree.ErrUndeclaredPrefix, "line 1, column 4"},
		{"prefix of a sibling", `<a><b xmlns:p="urn:p"/><p:c/></a>`, xmltree.ErrUndeclaredPrefix, "line 1, column 24"},
		{"element in xmlns", "<xmlns:a/>", xmltree.ErrUndeclaredPrefix, "line 1, column 1"},
		{"prefix unbound", `<a xmlns:p=""/>`, xmltree.ErrNamespace, "line 1, column 4"},
		{"xml rebound", `<a xmlns:xml="urn:x"/>`, xmltree.ErrNamespace, "line 1, column 4"},
		{"xml under another prefix", `<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>`, xmltree.ErrNamespace, "line 1, column 4"},
		{"xml as default", `<a xmlns="http://www.w3.org/XML/1998/namespace"/>`, xmltree.ErrNamespace, "line 1, column 4"},
		{"xmlns bound", `<a xmlns:xmlns="urn:x"/>`, xmltree.ErrNamespace, "line 1, column 4"},
		{"xmlns namespace", `<a xmlns:x="http://www.w3.org/2000/xmlns/"/>`, xmltree.ErrNamespace, "line 1, column 4"},
		{"relative namespace", `<a xmlns="1"/>`, xmltree.ErrNamespace, "line 1, column 4"},
		{"namespace with U+0080", "<a xmlns='urn:a\u0080'/>", xmltree.ErrNamespace, "line 1, column 4"},
		{"namespace with a blank", `<a xmlns="urn:a b"/>`, xmltree.ErrNamespace, "line 1, column 4"},

		{"attribute twice", `<a b="1" b="2"/>`, xmltree.ErrDuplicateAttribute, "line 1, column 10"},
		{"expanded name twice", `<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"/>`, xmltree.ErrDuplicateAttribute, "line 1, column 44"},
		{"prefix declared twice", `<a xmlns:p="urn:x" xmlns:p="urn:x"/>`, xmltree.ErrDuplicateAttribute, "line 1, column 20"},
		{"default declared twice", `<a xmlns="urn:x" xmlns="urn:y"/>`, xmltree.ErrDuplicateAttribute, "line 1, column 18"},
		{"ID twice", `<a ID="x"><b ID="x"/></a>`, xmltree.ErrDuplicateID, "line 1, column 14"},
		{"ID and Id", `<a ID="x"><b Id="x"/></a>`, xmltree.ErrDuplicateID, "line 1, column 14"},
		{"id and xml:id", `<a id="x"><b xml:id="x"/></a>`, xmltree.ErrDuplicateID, "line 1, column 14"},
		{"ID by reference", `<a ID="x"><b ID="&#120;"/></a>`, xmltree.ErrDuplicateID, "line 1, column 14"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree, err := xmltree.Parse([]byte(test.doc))
			if !errors.Is(err, test.code) {
				t.Fatalf("error = %v, want %s", err, test.code)
			}
			if tree != nil {
				t.Error("a tree was returned beside the error")
			}
			var refusal *xmltree.Error
			if !errors.As(err, &refusal) || refusal.Place() != test.place {
				t.Errorf("place = %q, want %q", refusal.Place(), test.place)
			}
			if refusal.Clause() == "" || refusal.Expected() == "" || refusal.Found() == "" {
				t.Errorf("incomplete: %v", err)
			}
		})
	}
}

// TestAccepted holds what the strict subset allows, with its canonical form.
func TestAccepted(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"empty element", "<a/>", "<a></a>"},
		{"blanks in tags", "<a\n b = '1'\t></a\r\n>", `<a b="1"></a>`},
		{"byte order mark", "\ufeff<a/>", "<a></a>"},
		{"declaration", `<?xml version="1.0"?><a/>`, "<a></a>"},
		{"full declaration", `<?xml version='1.0' encoding='utf-8' standalone = "yes" ?>` + "\n<a/>\n", "<a></a>"},
		{"line ends", "<a>1\r\n2\r3\n4\r\r\n</a>", "<a>1\n2\n3\n4\n\n</a>"},
		{"line ends by reference", "<a>&#13;&#10;&#xd;</a>", "<a>&#xD;\n&#xD;</a>"},
		{"attribute white space", "<a b='\t1\r\n2\r3\n4'/>", `<a b=" 1 2 3 4"></a>`},
		{"attribute references", "<a b='&#9;&#10;&#13;&#32;'/>", `<a b="&#x9;&#xA;&#xD; "></a>`},
		{"five entities", "<a b='&lt;&gt;&amp;&quot;&apos;'>&lt;&gt;&amp;&quot;&apos;</a>", `<a b="&lt;>&amp;&quot;'">&lt;&gt;&amp;"'</a>`},
		{"quotes in values", `<a b='"' c="'"/>`, `<a b="&quot;" c="'"></a>`},
		{"> in text", "<a>1 > 0 ]] > x</a>", "<a>1 &gt; 0 ]] &gt; x</a>"},
		{"characters by number", "<a>&#x41;&#66;&#x1F600;&#0000000000000000067;</a>", "<a>AB\U0001F600C</a>"},
		{"Hangul names", "<주문 금액='1'><상품/></주문>", `<주문 금액="1"><상품></상품></주문>`},
		{"names beyond the BMP", "<\U00010400 \U00020000='1'/>", "<\U00010400 \U00020000=\"1\"></\U00010400>"},
		{"name characters", "<a-b._1·/>", "<a-b._1·></a-b._1·>"},
		{"U+FEFF in text", "<a>\ufeff\uffef</a>", "<a>\ufeff\uffef</a>"},
		{"DEL and C1", "<a>\u007f\u0085</a>", "<a>\u007f\u0085</a>"},
		{"unused prefix", `<a xmlns:p="urn:p"/>`, "<a></a>"},
		{"prefix where first used", `<a xmlns:p="urn:p"><p:b/><p:c/></a>`, `<a><p:b xmlns:p="urn:p"></p:b><p:c xmlns:p="urn:p"></p:c></a>`},
		{"prefix rebound", `<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"><p:c xmlns:p="urn:p"/></p:b><p:d/></p:a>`, `<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:q"><p:c xmlns:p="urn:p"></p:c></p:b><p:d></p:d></p:a>`},
		{"declared again", `<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:p"/></p:a>`, `<p:a xmlns:p="urn:p"><p:b></p:b></p:a>`},
		{"default undone", `<a xmlns="urn:a"><b xmlns=""><c/></b></a>`, `<a xmlns="urn:a"><b xmlns=""><c></c></b></a>`},
		{"default undone where there is none", `<a xmlns=""><b xmlns=""/></a>`, `<a><b></b></a>`},
		{"default under a prefix", `<a xmlns="urn:a"><p:b xmlns:p="urn:p" xmlns=""><c/></p:b></a>`, `<a xmlns="urn:a"><p:b xmlns:p="urn:p"><c xmlns=""></c></p:b></a>`},
		{"attribute prefix", `<a xmlns:p="urn:p" p:x="1"><b p:x="2"/></a>`, `<a xmlns:p="urn:p" p:x="1"><b p:x="2"></b></a>`},
		{"two prefixes of one namespace", `<a xmlns:q="urn:p" xmlns:p="urn:p" q:a="1" p:b="2"/>`, `<a xmlns:p="urn:p" xmlns:q="urn:p" q:a="1" p:b="2"></a>`},
		{"attributes by namespace, then name", `<a xmlns:x="urn:z" xmlns:z="urn:a" x:a="1" z:b="2" b="3" a="4" z:a="5"/>`, `<a xmlns:x="urn:z" xmlns:z="urn:a" a="4" b="3" z:a="5" z:b="2" x:a="1"></a>`},
		{"many attributes", `<a o="" n="" m="" l="" k="" j="" i="" h="" g="" f="" e="" d="" c="" b="" a=""/>`, `<a a="" b="" c="" d="" e="" f="" g="" h="" i="" j="" k="" l="" m="" n="" o=""></a>`},
		{"same name with and without namespace", `<a xmlns="urn:a" xmlns:p="urn:a" p:x="1" x="2"/>`, `<a xmlns="urn:a" xmlns:p="urn:a" x="2" p:x="1"></a>`},
		{"xml attributes stay where they are", `<a xml:lang="ko"><b xml:space="preserve"/></a>`, `<a xml:lang="ko"><b xml:space="preserve"></b></a>`},
		{"xml declared", `<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="ko"/>`, `<a xml:lang="ko"></a>`},
		{"ampersand in namespace", `<a xmlns="urn:a?b&amp;c"/>`, `<a xmlns="urn:a?b&amp;c"></a>`},
		{"different IDs", `<a ID="1"><b ID="2" Id="3" id="4" xml:id="5"/></a>`, `<a ID="1"><b ID="2" Id="3" id="4" xml:id="5"></b></a>`},
		{"ID in a foreign namespace", `<a ID="1"><b xmlns:p="urn:p" p:ID="1"/></a>`, `<a ID="1"><b xmlns:p="urn:p" p:ID="1"></b></a>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree, err := xmltree.Parse([]byte(test.doc))
			if err != nil {
				t.Fatal(err)
			}
			if got := canonical(tree); got != test.want {
				t.Errorf("canonical form\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func canonical(tree *xmltree.Tree) string {
	return string(tree.AppendCanonical(nil, tree.Root(), xmltree.Element{}))
}

// TestNothingOfACardIsTold: what a document holds may be a card number, and an
// error may land in a log.
func TestNothingOfACardIsTold(t *testing.T) {
	const card = "4111111111111111"
	for _, doc := range []string{
		"<a>&x" + card + ";</a>",
		"x " + card + "<a/>",
		"<a_" + card + ">",
		"<a_" + card + "></b>",
		`<a b` + card + `="" b` + card + `=""/>`,
		"<p" + card + ":a/>",
		`<a xmlns="4111 1111 1111 1111"/>`,
		`<a ID="x` + card + `"><b ID="x` + card + `"/></a>`,
		`<?xml version="` + card + `"?><a/>`,
		"<a>&#" + card + ";</a>",
	} {
		_, err := xmltree.Parse([]byte(doc))
		if err == nil {
			t.Fatalf("accepted: %s", doc)
		}
		for _, shown := range []string{err.Error()} {
			digits := strings.NewReplacer(" ", "", "-", "").Replace(shown)
			if strings.Contains(digits, card[:7]) || strings.Contains(digits, card[9:]) {
				t.Errorf("%s tells the number: %s", doc, shown)
			}
		}
	}
}
