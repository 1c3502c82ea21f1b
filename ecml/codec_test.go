package ecml_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/ecml"
)

// whole has every element and attribute of ECML version 2, in the order in
// which they are written.
const whole = `<Ecom ConsumerOrderID="o-1" Merchant="shop.example" Mode="Assert" Processor="pg.example" SchemaVersion="urn:ietf:params:ecml:v2.0" WalletID="Wallet 1.0" WalletLocation="https://wallet.example/" id="e1">` +
	`<ShipTo Mode="Query" id="s1"><Postal CountryCode="KR" Mode="Assert" PostalCode="04524" id="p1">` +
	`<Name First="길동" Last="홍" Middle="M" Prefix="Dr." Suffix="Jr." id="n1"></Name>` +
	`<Company>R&amp;D 상사</Company><Street Line1="세종대로 110" Line2="3층" Line3="문 앞"></Street>` +
	`<City id="c1">서울특별시</City><StateProv>중구</StateProv></Postal>` +
	`<Telecom Mode="Query"><Phone Number="+82-2-120 x7"></Phone><Phone Number="+8221200000"></Phone></Telecom>` +
	`<Online><Email Address="hong@example.kr"></Email></Online></ShipTo>` +
	`<BillTo><Postal><City>부산</City></Postal></BillTo><BillTo></BillTo>` +
	`<ReceiptTo><Online><Email Address="a@b.c"></Email></Online></ReceiptTo>` +
	`<Payment Mode="Assert"><Card Issuer="1" Name="HONG GILDONG" Number="4111111111111111" Protocols="none setcert" Type="VISA" Verification="123" id="k1">` +
	`<ExpDate Day="7" Month="07" Year="2030"></ExpDate><ValidDate Month="1" Year="2024" id="v1"></ValidDate></Card></Payment>` +
	`<Loyalty Name="HONG" Number="A-1000-2000" Type="OKCASHBAG" Verification="9"><ExpDate Year="2031"></ExpDate><ValidDate></ValidDate></Loyalty>` +
	`<User CertificateURL="https://ca.example/1.der" DataCountry="KR" DataLanguage="ko-KR"><UserID>hong</UserID><Password>open sesame</Password></User>` +
	`<Merchant id="m1"><Terminal Data="till" id="t1"></Terminal></Merchant>` +
	`<Transaction Amount="50000.0" Currency="KRW" Type="debit">` +
	`<Id Acquire="1" CID="2" Forward="3" Reference="4" id="x1"></Id>` +
	`<Code Action="000" Approval="12345678" POS="p" Processing="00" Reason="1" Retrieval="r"></Code>` +
	`<Date><Effective Day="1" Month="2" Year="2026"></Effective><Settle Day="3" Month="2"></Settle><Capture Day="2" Month="2"></Capture></Date>` +
	`<Data><Trace>123456</Trace><PrivateUse>x</PrivateUse><Response>y</Response><AAV>AAABBBCCC</AAV><Track1>B4111111111111111^HONG^3007</Track1><Track2>4111111111111111=3007</Track2></Data>` +
	`<Inquiry>https://pg.example/q</Inquiry><Signature>QUJD</Signature></Transaction>` +
	`<TransactionComplete></TransactionComplete></Ecom>`

func parse(t *testing.T, doc string) *ecml.Ecom {
	t.Helper()
	e, err := ecml.ParseXML([]byte(doc))
	if err != nil {
		t.Fatalf("ParseXML: %v", err)
	}
	return e
}

func write(t *testing.T, e *ecml.Ecom) string {
	t.Helper()
	doc, err := e.AppendXML(nil)
	if err != nil {
		t.Fatalf("AppendXML: %v", err)
	}
	return string(doc)
}

func TestXMLOfEveryElementIsWrittenAsItWasRead(t *testing.T) {
	e := parse(t, whole)
	if diff := cmp.Diff(whole, write(t, e)); diff != "" {
		t.Error(diff)
	}
	if err := e.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
	if got := e.Transaction[0].Data[0].Track2[0].Value.Reveal(); got != "4111111111111111=3007" {
		t.Errorf("track 2 is %q", got)
	}
}

func TestXMLOrderAndWhiteSpaceMeanNothing(t *testing.T) {
	e := parse(t, "<Ecom>\n <TransactionComplete/>\n <BillTo>\n  <Online><Email Address='a@b'/></Online>\n </BillTo>\n <ShipTo/>\n</Ecom>")
	want := `<Ecom><ShipTo></ShipTo><BillTo><Online><Email Address="a@b"></Email></Online></BillTo><TransactionComplete></TransactionComplete></Ecom>`
	if got := write(t, e); got != want || e.Stray != nil {
		t.Errorf("got %s, stray %v", got, e.Stray)
	}
}

func TestXMLRefusesWhatTheSchemaDoesNotAllow(t *testing.T) {
	card := func(in string) string { return "<Ecom><Payment>" + in + "</Payment></Ecom>" }
	for name, c := range map[string]struct {
		doc  string
		code ecml.Code
		at   string
	}{
		"another root":             {"<ShipTo/>", ecml.ErrStructure, "/ShipTo"},
		"unknown element":          {"<Ecom><Shipto/></Ecom>", ecml.ErrUnknown, "/Ecom/Shipto"},
		"unknown attribute":        {"<Ecom><ShipTo><Postal Country='KR'/></ShipTo></Ecom>", ecml.ErrUnknown, "/Ecom/ShipTo/Postal"},
		"attribute in a namespace": {"<Ecom xmlns:a='urn:a' a:Mode='Query'/>", ecml.ErrUnknown, "/Ecom"},
		"element in a namespace":   {"<Ecom><ShipTo xmlns='urn:a'/></Ecom>", ecml.ErrNamespace, "/Ecom/ShipTo"},
		"mode":                     {"<Ecom Mode='query'/>", ecml.ErrMode, "/Ecom/@Mode"},
		"mode on a flag":           {"<Ecom><TransactionComplete Mode='Query'/></Ecom>", ecml.ErrUnknown, "/Ecom/TransactionComplete"},
		"second Card":              {card("<Card><ExpDate/></Card><Card><ExpDate/></Card>"), ecml.ErrStructure, "/Ecom/Payment/Card[2]"},
		"second ExpDate":           {card("<Card><ExpDate/><ExpDate/></Card>"), ecml.ErrStructure, "/Ecom/Payment/Card/ExpDate[2]"},
		"ValidDate before ExpDate": {card("<Card><ValidDate/><ExpDate/></Card>"), ecml.ErrStructure, "/Ecom/Payment/Card/ExpDate"},
		"text in Payment":          {card("x"), ecml.ErrStructure, "/Ecom/Payment"},
		"text in Name":             {"<Ecom><ShipTo><Postal><Name>x</Name></Postal></ShipTo></Ecom>", ecml.ErrStructure, "/Ecom/ShipTo/Postal/Name"},
		"element in City":          {"<Ecom><ShipTo><Postal><City><b/></City></Postal></ShipTo></Ecom>", ecml.ErrStructure, "/Ecom/ShipTo/Postal/City/b"},
		"Id on Postal":             {"<Ecom><ShipTo><Postal Id='a'/></ShipTo></Ecom>", ecml.ErrUnknown, "/Ecom/ShipTo/Postal"},
		"id and Id":                {"<Ecom><Transaction><Id Id='a' id='b'/></Transaction></Ecom>", ecml.ErrStructure, "/Ecom/Transaction/Id"},
		"Settle after Capture":     {"<Ecom><Transaction><Date><Capture/><Settle/></Date></Transaction></Ecom>", ecml.ErrStructure, "/Ecom/Transaction/Date/Settle"},
		"element of version 1.1":   {"<Ecom><Transaction><TransDate>2026-01-01</TransDate></Transaction></Ecom>", ecml.ErrUnknown, "/Ecom/Transaction/TransDate"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := ecml.ParseXML([]byte(c.doc))
			wantError(t, err, c.code, c.at)
			if e != nil {
				t.Error("a partial result")
			}
		})
	}
}

// wantError checks that err holds exactly one problem, of that code, there.
func wantError(t *testing.T, err error, code ecml.Code, place string) {
	t.Helper()
	all := ecml.Problems(err)
	if len(all) != 1 || !errors.Is(err, code) || all[0].Place() != place {
		t.Fatalf("want one %s at %s, got %v", code, place, err)
	}
}

func TestXMLOfVersion11(t *testing.T) {
	const doc = `<Ecom SchemaVersion="http://www.ecml.org/version/1.1"><Transaction id="t1" Amount="12.50" Currency="USD" Type="debit">` +
		`<TransactionID>0001 of today</TransactionID><Inquiry>https://a.example/</Inquiry><TransDate>2001-04-01</TransDate><Signature>QUJD</Signature></Transaction></Ecom>`
	e := parse(t, doc)
	tr := e.Transaction[0]
	if tr.IDs[0].ID != "0001 of today" || tr.TransDate != "2001-04-01" || tr.ID != "t1" {
		t.Errorf("read as %+v", tr)
	}
	if _, err := e.AppendXML(nil); !errors.Is(err, ecml.ErrVersion) {
		t.Errorf("version 1.1 written as XML of version 2: %v", err)
	}
	e.SchemaVersion = ecml.Schema20
	if _, err := e.AppendXML(nil); !errors.Is(err, ecml.ErrNoXML) {
		t.Errorf("TransDate lost in silence: %v", err)
	}
	e.Transaction[0].TransDate = ""
	if _, err := e.AppendXML(nil); !errors.Is(err, ecml.ErrNoXML) {
		t.Errorf("the transaction's id lost in silence: %v", err)
	}
	e.Transaction[0].ID = ""
	if got := write(t, e); !strings.Contains(got, `<Id id="0001 of today">`) {
		t.Errorf("wrote %s", got)
	}
	if err := e.Validate(); !errors.Is(err, ecml.ErrID) {
		t.Errorf("an identifier with blanks is no xs:ID: %v", err)
	}
}

func TestModeIsInherited(t *testing.T) {
	e := parse(t, whole)
	ship := &e.ShipTo[0]
	for name, c := range map[string]struct {
		element any
		want    ecml.Mode
	}{
		"root":                {e, ecml.Assert},
		"own":                 {ship, ecml.Query},
		"overridden":          {&ship.Postal[0], ecml.Assert},
		"inherited twice":     {&ship.Postal[0].Name[0], ecml.Assert},
		"inherited query":     {&ship.Online[0].Email[0], ecml.Query},
		"from the root":       {&e.BillTo[0].Postal[0].City[0], ecml.Assert},
		"behind a pointer":    {e.Payment[0].Card.ExpDate, ecml.Assert},
		"of a repeated child": {&ship.Telecom[0].Phone[1], ecml.Query},
	} {
		if got, ok := e.ModeOf(c.element); !ok || got != c.want {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	if _, ok := e.ModeOf(&ecml.Name{}); ok {
		t.Error("an element of another Ecom was found")
	}
	none := parse(t, "<Ecom><ShipTo/></Ecom>")
	if got, _ := none.ModeOf(&none.ShipTo[0]); got != ecml.Unstated {
		t.Errorf("without any Mode: %v", got)
	}
}

func TestQueryKeepsWhatItAsksFor(t *testing.T) {
	const doc = `<Ecom Mode="Query"><ShipTo></ShipTo><BillTo><Postal PostalCode=""><Name First="" Last="Kim"></Name></Postal></BillTo></Ecom>`
	if got := write(t, parse(t, doc)); got != doc {
		t.Errorf("got %s", got)
	}
	e, err := ecml.QueryFor("Ecom_ShipTo", "ecom_billto_postal_postalcode", "Ecom_Transaction_Settle_Date")
	if err != nil {
		t.Fatal(err)
	}
	want := `<Ecom Mode="Query"><ShipTo></ShipTo><BillTo><Postal PostalCode=""></Postal></BillTo><Transaction><Date><Settle></Settle></Date></Transaction></Ecom>`
	if got := write(t, e); got != want {
		t.Errorf("got %s", got)
	}
	form, err := e.Form()
	if diff := cmp.Diff(url.Values{"Ecom_ShipTo": {""}, "Ecom_BillTo_Postal_PostalCode": {""}, "Ecom_Transaction_Settle_Date": {""}}, form); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := ecml.QueryFor("Ecom_Shoe_Size"); !errors.Is(err, ecml.ErrUnknown) {
		t.Errorf("unknown name: %v", err)
	}
}

func TestLanguageIsKept(t *testing.T) {
	e := parse(t, `<Ecom><ShipTo><Postal><City xml:lang="ko">서울</City></Postal></ShipTo></Ecom>`)
	if got := e.ShipTo[0].Postal[0].City[0].Lang(); got != "ko" {
		t.Errorf("xml:lang is %q", got)
	}
	if got := write(t, e); !strings.Contains(got, `<City xml:lang="ko">`) {
		t.Errorf("wrote %s", got)
	}
}

func TestXMLWriterRefusesWhatWouldBeLost(t *testing.T) {
	for name, c := range map[string]struct {
		e    ecml.Ecom
		code ecml.Code
	}{
		"device":        {ecml.Ecom{FormOnly: &ecml.FormOnly{DeviceID: "1"}}, ecml.ErrNoXML},
		"unknown field": {ecml.Ecom{FormOnly: &ecml.FormOnly{Unknown: []ecml.UnknownField{{Name: "Ecom_X"}}}}, ecml.ErrNoXML},
		"id on Payment": {ecml.Ecom{Payment: []ecml.Payment{{Common: ecml.Common{ID: "a"}}}}, ecml.ErrNoXML},
		"mode on flag":  {ecml.Ecom{TransactionComplete: []ecml.Flag{{Common: ecml.Common{Mode: ecml.Query}}}}, ecml.ErrNoXML},
		"version":       {ecml.Ecom{SchemaVersion: ecml.Schema10}, ecml.ErrVersion},
	} {
		if doc, err := c.e.AppendXML(nil); !errors.Is(err, c.code) || doc != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValuesNameEachPlaceAndMaskSecrets(t *testing.T) {
	got := map[string]string{}
	for v := range parse(t, whole).Values() {
		got[v.Path] = v.Text
	}
	for path, want := range map[string]string{
		"Ecom/@id":                               "e1",
		"Ecom/ShipTo/Postal/Name/@First":         "길동",
		"Ecom/ShipTo/Telecom/Phone[2]/@Number":   "+8221200000",
		"Ecom/BillTo[1]/Postal/City":             "부산",
		"Ecom/Payment/Card/@Number":              "411111******1111",
		"Ecom/Payment/Card/@Verification":        "***",
		"Ecom/User/Password":                     "***",
		"Ecom/Transaction/Data/Track2":           "***",
		"Ecom/Transaction/Date/Effective/@Year":  "2026",
		"Ecom/Transaction/Inquiry":               "https://pg.example/q",
		"Ecom/Loyalty/@Number":                   "*******2000",
		"Ecom/Payment/Card/ExpDate/@Month":       "07",
		"Ecom/Transaction/Code/@Approval":        "12345678",
		"Ecom/Merchant/Terminal/@id":             "t1",
		"Ecom/ShipTo/Postal/Company":             "R&D 상사",
		"Ecom/ReceiptTo/Online/Email/@Address":   "a@b.c",
		"Ecom/Transaction/@Amount":               "50000.0",
		"Ecom/Payment/Card/ValidDate/@id":        "v1",
		"Ecom/ShipTo/Postal/@CountryCode":        "KR",
		"Ecom/@WalletLocation":                   "https://wallet.example/",
		"Ecom/Transaction/Id/@Reference":         "4",
		"Ecom/Transaction/Data/PrivateUse":       "x",
		"Ecom/Transaction/Date/Capture/@Day":     "2",
		"Ecom/User/@DataLanguage":                "ko-KR",
		"Ecom/ShipTo/Postal/Street/@Line3":       "문 앞",
		"Ecom/Loyalty/ExpDate/@Year":             "2031",
		"Ecom/Transaction/Signature":             "QUJD",
		"Ecom/ShipTo/Online/Email/@Address":      "hong@example.kr",
		"Ecom/Payment/Card/@Protocols":           "none setcert",
		"Ecom/Transaction/Data/AAV":              "AAABBBCCC",
		"Ecom/ShipTo/Postal/City/@id":            "c1",
		"Ecom/Transaction/Date/Settle/@Month":    "2",
		"Ecom/Transaction/Code/@Processing":      "00",
		"Ecom/Merchant/Terminal/@Data":           "till",
		"Ecom/Transaction/Data/Trace":            "123456",
		"Ecom/Transaction/Date/Effective/@Day":   "1",
		"Ecom/Payment/Card/@Issuer":              "1",
		"Ecom/User/UserID":                       "hong",
		"Ecom/ConsumerOrderID-is-an-attribute":   "",
		"Ecom/@ConsumerOrderID":                  "o-1",
		"Ecom/ShipTo/Telecom/Phone[1]/@Number":   "+82-2-120 x7",
		"Ecom/Transaction/Data/Track1":           "***",
		"Ecom/Loyalty/@Verification":             "***",
		"Ecom/ShipTo/Postal/StateProv":           "중구",
		"Ecom/@SchemaVersion":                    ecml.Schema20,
		"Ecom/User/@CertificateURL":              "https://ca.example/1.der",
		"Ecom/Payment/Card/ExpDate/@Year":        "2030",
		"Ecom/Transaction/@Type":                 "debit",
		"Ecom/Merchant/@id":                      "m1",
		"Ecom/Transaction/Date/Effective/@Month": "2",
		"Ecom/Payment/Card/@Type":                "VISA",
		"Ecom/ShipTo/Postal/Name/@Suffix":        "Jr.",
		"Ecom/Transaction/@Currency":             "KRW",
		"Ecom/Payment/Card/@Name":                "HONG GILDONG",
		"Ecom/Transaction/Data/Response":         "y",
		"Ecom/Transaction/Code/@Reason":          "1",
		"Ecom/Transaction/Date/Settle/@Day":      "3",
		"Ecom/ShipTo/Postal/@PostalCode":         "04524",
		"Ecom/Payment/Card/ValidDate/@Month":     "1",
		"Ecom/Transaction/Id/@id":                "x1",
	} {
		if got[path] != want {
			t.Errorf("%s is %q, want %q", path, got[path], want)
		}
	}
}
