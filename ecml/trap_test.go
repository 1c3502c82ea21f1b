package ecml_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/ecml"
)

// The traps of RFC 4112, a to m: places where its grammar, its table and
// common sense do not agree.

func TestTrapA_ElementsAreInNoNamespace(t *testing.T) {
	_, err := ecml.ParseXML([]byte(`<Ecom xmlns="urn:ietf:params:xml:schema:ECMLv2"/>`))
	wantError(t, err, ecml.ErrNamespace, "/Ecom")
	_, err = ecml.ParseXML([]byte(`<e:Ecom xmlns:e="urn:a"/>`))
	wantError(t, err, ecml.ErrNamespace, "/e:Ecom")
	inside := tree(t, `<k:M xmlns:k="urn:kecis:1.0:protocol"><Ecom WalletID="w"/></k:M>`).First()
	e, err := ecml.DecodeXML(inside)
	if err != nil || e.WalletID != "w" {
		t.Errorf("Ecom inside a KECIS element: %v", err)
	}
	reset := tree(t, `<M xmlns="urn:kecis:1.0:protocol"><Ecom xmlns=""/></M>`).First()
	if _, err := ecml.DecodeXML(reset); err != nil {
		t.Errorf("Ecom under xmlns=\"\": %v", err)
	}
}

func TestTrapB_AmountIsReadAndWrittenButHasItsHomeInKECIS(t *testing.T) {
	const doc = `<Ecom><Transaction Amount="50000.0" Currency="KRW"></Transaction></Ecom>`
	e := parse(t, doc)
	if got := write(t, e); got != doc {
		t.Errorf("wrote %s", got)
	}
	if f, ok := ecml.FieldNamed("Ecom_Transaction_Amount"); !ok || f.Type.XML() != "none (DTD only)" {
		t.Errorf("the table says of Amount: %q", f.Type.XML())
	}
	e.Transaction[0].Currency = ""
	wantError(t, e.CheckProfile(), ecml.ErrProfileHome, "Ecom/Transaction/@Amount")
}

func TestTrapC_CardNumberIsNoDecimal(t *testing.T) {
	e := parse(t, `<Ecom><Payment><Card Number="0004000000000001"><ExpDate/></Card></Payment></Ecom>`)
	if got := e.Payment[0].Card.Number.Reveal(); got != "0004000000000001" {
		t.Errorf("leading zeros lost: %q", got)
	}
	for _, number := range []string{"+4539578763621486", "4539578763621486.0", "4539 5787 6362 1486", "4539-5787-6362-1486", "45395787636", "45395787636214864539"} {
		e := ecml.Ecom{Payment: []ecml.Payment{{Card: &ecml.Card{Number: ecml.NewCardNumber(number), ExpDate: &ecml.Date{}}}}}
		wantError(t, e.Validate(), ecml.ErrCardNumber, "Ecom/Payment/Card/@Number")
	}
}

func TestTrapD_NameTokensHaveNoBlanksInXML(t *testing.T) {
	for name, c := range map[string]struct {
		form string
		at   string
	}{
		"name":         {"Ecom_ShipTo_Postal_Name_First", "Ecom/ShipTo/Postal/Name/@First"},
		"postal code":  {"Ecom_ShipTo_Postal_PostalCode", "Ecom/ShipTo/Postal/@PostalCode"},
		"loyalty type": {"Ecom_Loyalty_Card_Type", "Ecom/Loyalty/@Type"},
	} {
		for _, value := range []string{"SW1A 1AA", " SW1A", "SW1A ", "a\tb"} {
			e := decodeForm(t, url.Values{c.form: {value}, "Ecom_SchemaVersion": {ecml.Schema20}})
			if err := e.ValidateForm(); err != nil {
				t.Errorf("%s: a form may say %q: %v", name, value, err)
			}
			if e.Loyalty != nil {
				e.Loyalty[0].ExpDate = &ecml.Date{}
			}
			wantError(t, e.Validate(), ecml.ErrNMToken, c.at)
		}
		e := decodeForm(t, url.Values{c.form: {"홍길동-1"}})
		if err := e.Validate(); errors.Is(err, ecml.ErrNMToken) {
			t.Errorf("%s: Hangul is a name token: %v", name, err)
		}
	}
	e := parse(t, `<Ecom><ShipTo><Postal><City> Seoul</City><Street Line1="1 "/></Postal></ShipTo></Ecom>`)
	all := ecml.Problems(e.CheckProfile())
	if len(all) != 2 || !errors.Is(all[0], ecml.ErrProfileBlank) || all[1].Place() != "Ecom/ShipTo/Postal/City" {
		t.Errorf("blanks around values: %v", all)
	}
}

func TestTrapE_FieldsWithoutAPlaceInXMLAreKeptAndNeverLost(t *testing.T) {
	form := url.Values{
		"Ecom_Device_ID": {"d"}, "Ecom_Device_Type": {"phone"}, "Ecom_UserData_Gender": {"F"},
		"Ecom_UserData_BirthDate_Day": {"29"}, "Ecom_UserData_BirthDate_Month": {"2"}, "Ecom_UserData_BirthDate_Year": {"2000"},
		"Ecom_UserData_Preferences": {"window seat"}, "Ecom_Transaction_Date": {"2026-01-31"},
	}
	if diff := cmp.Diff(form, writeForm(t, decodeForm(t, form))); diff != "" {
		t.Error(diff)
	}
	for name, value := range form {
		e := decodeForm(t, url.Values{name: value})
		if _, err := e.AppendXML(nil); !errors.Is(err, ecml.ErrNoXML) {
			t.Errorf("%s written as XML: %v", name, err)
		}
		asked, err := ecml.QueryFor(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := asked.AppendXML(nil); !errors.Is(err, ecml.ErrNoXML) {
			t.Errorf("%s asked for in XML: %v", name, err)
		}
	}
	e := decodeForm(t, url.Values{"Ecom_Merchant_ID": {"12345678"}, "Ecom_SchemaVersion": {ecml.Schema20}})
	if err := e.ValidateForm(); err != nil {
		t.Errorf("a merchant number in a form: %v", err)
	}
	e.Merchants[0].Terminal = &ecml.Terminal{Data: "x"}
	wantError(t, e.Validate(), ecml.ErrID, "Ecom/Merchant/@id")
}

func TestTrapF_FourDigitDatesHaveNoYear(t *testing.T) {
	e := decodeForm(t, url.Values{
		"Ecom_Transaction_Effective_Date": {"2603"}, "Ecom_Transaction_Settle_Date": {"1231"}, "Ecom_Transaction_Capture_Date": {"0229"},
	})
	dates := e.Transaction[0].Date[0]
	want := ecml.TransactionDates{
		Effective: &ecml.Date{Year: "2026", Month: "03"},
		Settle:    &ecml.Date{Month: "12", Day: "31"},
		Capture:   &ecml.Date{Month: "02", Day: "29"},
	}
	if diff := cmp.Diff(want, dates); diff != "" {
		t.Error(diff)
	}
	if got := write(t, e); got != `<Ecom><Transaction><Date><Effective Month="03" Year="2026"></Effective><Settle Day="31" Month="12"></Settle><Capture Day="29" Month="02"></Capture></Date></Transaction></Ecom>` {
		t.Errorf("no year may be invented: %s", got)
	}
	newYear := time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	if got := dates.Settle.WithYear(newYear).Year; got != "2026" {
		t.Errorf("31 December seen from 2 January 2027 is of %s", got)
	}
	if got := dates.Capture.WithYear(newYear).Year; got != "2028" {
		t.Errorf("29 February near 2027 is of %s", got)
	}
	full := parse(t, `<Ecom><Transaction><Date><Settle Day="1" Month="2" Year="2026"/></Date></Transaction></Ecom>`)
	if got := writeForm(t, full).Get("Ecom_Transaction_Settle_Date"); got != "0201" {
		t.Errorf("written into a form as %q", got)
	}
}

func TestTrapG_NamesInXMLAreNotThoseOfTheForm(t *testing.T) {
	e := decodeForm(t, url.Values{
		"Ecom_Payment_Card_IssueNumber": {"1"}, "Ecom_Payment_Card_ValidFrom_Year": {"2024"},
		"Ecom_Payment_Card_Protocol": {"set"}, "Ecom_Loyalty_Card_Number": {"n"}, "Ecom_Loyalty_Card_ValidFrom_Day": {"1"},
	})
	want := `<Ecom><Payment><Card Issuer="1" Protocols="set"><ValidDate Year="2024"></ValidDate></Card></Payment>` +
		`<Loyalty Number="n"><ValidDate Day="1"></ValidDate></Loyalty></Ecom>`
	if got := write(t, e); got != want {
		t.Errorf("wrote %s", got)
	}
}

func TestTrapH_SlipsOfTheDTD(t *testing.T) {
	e := parse(t, `<Ecom><Merchant><Terminal Id="T1"/></Merchant><Transaction><Id Id="X1"/></Transaction></Ecom>`)
	want := `<Ecom><Merchant><Terminal id="T1"></Terminal></Merchant><Transaction><Id id="X1"></Id></Transaction></Ecom>`
	if got := write(t, e); got != want {
		t.Errorf("Id of the DTD written as %s", got)
	}
	_, err := ecml.ParseXML([]byte(`<Ecom><Transaction><Data><Trade>1</Trade></Data></Transaction></Ecom>`))
	wantError(t, err, ecml.ErrUnknown, "/Ecom/Transaction/Data/Trade")
	if _, err := ecml.ParseXML([]byte(`<!DOCTYPE Ecom SYSTEM "ecml.dtd"><Ecom/>`)); err == nil {
		t.Error("a document type was accepted")
	}
}

func TestTrapI_StrayTextIsToldAndRefusedInMessages(t *testing.T) {
	for _, at := range []string{
		"Ecom", "Ecom/ShipTo", "Ecom/ShipTo/Postal", "Ecom/ShipTo/Telecom", "Ecom/ShipTo/Online",
		"Ecom/User", "Ecom/Transaction", "Ecom/Transaction/Data",
	} {
		open, end := "", ""
		for step := range strings.SplitSeq(at, "/") {
			open, end = open+"<"+step+">", "</"+step+">"+end
		}
		e := parse(t, open+"pay 1 only"+end)
		if len(e.Stray) != 1 || e.Stray[0] != at {
			t.Errorf("%s: stray text at %v", at, e.Stray)
		}
		wantError(t, e.CheckProfile(), ecml.ErrProfileStray, at)
	}
	inside := tree(t, `<k:M xmlns:k="urn:k"><Ecom><BillTo/><BillTo>x<Postal/></BillTo></Ecom></k:M>`).First()
	if e, err := ecml.DecodeXML(inside); err != nil || len(e.Stray) != 1 || e.Stray[0] != "Ecom/BillTo[2]" {
		t.Errorf("inside a message: %v, %v", e, err)
	}
}

func TestTrapJ_RepeatsAreKeptAndRefusedInMessages(t *testing.T) {
	for _, c := range []struct{ open, twice, end, at string }{
		{"<Ecom>", "<Transaction></Transaction>", "</Ecom>", "Ecom/Transaction[2]"},
		{"<Ecom>", "<Payment></Payment>", "</Ecom>", "Ecom/Payment[2]"},
		{"<Ecom>", "<Loyalty></Loyalty>", "</Ecom>", "Ecom/Loyalty[2]"},
		{"<Ecom>", "<ShipTo></ShipTo>", "</Ecom>", "Ecom/ShipTo[2]"},
		{"<Ecom>", "<User></User>", "</Ecom>", "Ecom/User[2]"},
		{"<Ecom>", "<TransactionComplete></TransactionComplete>", "</Ecom>", "Ecom/TransactionComplete[2]"},
		{"<Ecom><BillTo><Postal>", "<City>a</City>", "</Postal></BillTo></Ecom>", "Ecom/BillTo/Postal/City[2]"},
		{"<Ecom><BillTo><Postal>", "<Name></Name>", "</Postal></BillTo></Ecom>", "Ecom/BillTo/Postal/Name[2]"},
		{"<Ecom><BillTo>", "<Telecom></Telecom>", "</BillTo></Ecom>", "Ecom/BillTo/Telecom[2]"},
		{"<Ecom><Transaction>", "<Inquiry>u:</Inquiry>", "</Transaction></Ecom>", "Ecom/Transaction/Inquiry[2]"},
		{"<Ecom><Transaction><Data>", "<Trace>1</Trace>", "</Data></Transaction></Ecom>", "Ecom/Transaction/Data/Trace[2]"},
	} {
		doc := c.open + c.twice + c.twice + c.end
		e := parse(t, doc)
		if got := write(t, e); got != doc {
			t.Errorf("repeats lost: %s", got)
		}
		wantError(t, e.CheckProfile(), ecml.ErrProfileRepeated, c.at)
		if err := parse(t, c.open+c.twice+c.end).CheckProfile(); err != nil {
			t.Errorf("once: %v", err)
		}
	}
	lists := parse(t, `<Ecom><BillTo><Telecom><Phone Number="1"/><Phone Number="2"/></Telecom><Online><Email Address="a@b"/><Email Address="c@d"/></Online></BillTo></Ecom>`)
	if err := lists.CheckProfile(); err != nil {
		t.Errorf("Phone and Email are lists: %v", err)
	}
}

func TestTrapK_ElementsWithoutAnID(t *testing.T) {
	for doc, at := range map[string]string{
		`<Ecom><Transaction id="a"/></Ecom>`:                     "/Ecom/Transaction",
		`<Ecom><Payment id="a"/></Ecom>`:                         "/Ecom/Payment",
		`<Ecom><Transaction><Data id="a"/></Transaction></Ecom>`: "/Ecom/Transaction/Data",
		`<Ecom><Transaction><Code id="a"/></Transaction></Ecom>`: "/Ecom/Transaction/Code",
		`<Ecom><ShipTo><Telecom id="a"/></ShipTo></Ecom>`:        "/Ecom/ShipTo/Telecom",
		`<Ecom><ShipTo><Online id="a"/></ShipTo></Ecom>`:         "/Ecom/ShipTo/Online",
		`<Ecom><TransactionComplete id="a"/></Ecom>`:             "/Ecom/TransactionComplete",
	} {
		_, err := ecml.ParseXML([]byte(doc))
		wantError(t, err, ecml.ErrUnknown, at)
	}
}

func TestTrapL_MinimumIsNeverAMaximum(t *testing.T) {
	long := strings.Repeat("QUJD", 512)
	form := url.Values{"Ecom_SchemaVersion": {ecml.Schema20}}
	for f := range ecml.Fields() {
		switch f.Type {
		case ecml.TypeText, ecml.TypeNMToken, ecml.TypeBase64, ecml.TypePassword, ecml.TypeTrack, ecml.TypeURI, ecml.TypeLoyaltyNumber, ecml.TypeVerification:
			form[f.Name] = []string{long}
		case ecml.TypeID:
			form[f.Name] = []string{long + strings.ToLower(f.Name)}
		}
	}
	e := decodeForm(t, form)
	if err := e.ValidateForm(); err != nil {
		t.Errorf("values of %d characters: %v", len(long), err)
	}
	e.FormOnly = nil
	e.Payment[0].Card.ExpDate, e.Loyalty[0].ExpDate = &ecml.Date{}, &ecml.Date{}
	if err := e.Validate(); err != nil {
		t.Errorf("as XML: %v", err)
	}
	if again := parse(t, write(t, e)); again.Transaction[0].Signature[0].Value != long {
		t.Error("a long signature was cut")
	}
}

func TestTrapM_NoTokenIsInvented(t *testing.T) {
	card := func(c ecml.Card) *ecml.Ecom {
		c.ExpDate = &ecml.Date{}
		return &ecml.Ecom{Payment: []ecml.Payment{{Card: &c}}}
	}
	for _, brand := range ecml.CardTypes() {
		if err := card(ecml.Card{Type: strings.ToLower(brand)}).Validate(); err != nil {
			t.Errorf("%s in lower case: %v", brand, err)
		}
	}
	wantError(t, card(ecml.Card{Type: "BC"}).Validate(), ecml.ErrCardType, "Ecom/Payment/Card/@Type")
	wantError(t, card(ecml.Card{Protocols: "none 3ds"}).Validate(), ecml.ErrProtocol, "Ecom/Payment/Card/@Protocols")
	if err := card(ecml.Card{Protocols: "NONE set SetCert iotp echeck simcard phoneid"}).Validate(); err != nil {
		t.Errorf("registered protocols: %v", err)
	}
	for kind, good := range map[string]bool{"debit": true, "CREDIT": true, "sale": false, "refund": false} {
		e := ecml.Ecom{Transaction: []ecml.Transaction{{Type: kind}}}
		if err := e.Validate(); errors.Is(err, ecml.ErrTransactionType) == good {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
