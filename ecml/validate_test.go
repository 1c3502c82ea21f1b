package ecml_test

import (
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/kecis/sdk/ecml"
)

func TestValidateNamesEachProblemWithItsPath(t *testing.T) {
	party := func(p ecml.Party) ecml.Ecom { return ecml.Ecom{ShipTo: []ecml.Party{{}, p}} }
	postal := func(p ecml.Postal) ecml.Ecom { return party(ecml.Party{Postal: []ecml.Postal{p}}) }
	card := func(c ecml.Card) ecml.Ecom { return ecml.Ecom{Payment: []ecml.Payment{{Card: &c}}} }
	tx := func(t ecml.Transaction) ecml.Ecom { return ecml.Ecom{Transaction: []ecml.Transaction{t}} }
	exp := func(d ecml.Date) ecml.Ecom { return card(ecml.Card{ExpDate: &d}) }
	some := &ecml.Date{}
	text := func(s string) []ecml.Text { return []ecml.Text{{Value: s}} }
	for name, c := range map[string]struct {
		e    ecml.Ecom
		code ecml.Code
		at   string
	}{
		"country":              {postal(ecml.Postal{CountryCode: "kr"}), ecml.ErrCountry, "Ecom/ShipTo[2]/Postal/@CountryCode"},
		"country of no one":    {postal(ecml.Postal{CountryCode: "XX"}), ecml.ErrCountry, "Ecom/ShipTo[2]/Postal/@CountryCode"},
		"user's country":       {ecml.Ecom{User: []ecml.User{{DataCountry: "KOR"}}}, ecml.ErrCountry, "Ecom/User/@DataCountry"},
		"street line 2 first":  {postal(ecml.Postal{Street: []ecml.Street{{Line2: "b"}}}), ecml.ErrStreet, "Ecom/ShipTo[2]/Postal/Street"},
		"street line 3 alone":  {postal(ecml.Postal{Street: []ecml.Street{{Line1: "a", Line3: "c"}}}), ecml.ErrStreet, "Ecom/ShipTo[2]/Postal/Street"},
		"phone":                {party(ecml.Party{Telecom: []ecml.Telecom{{Phone: []ecml.Phone{{Number: "call me"}}}}}), ecml.ErrPhone, "Ecom/ShipTo[2]/Telecom/Phone/@Number"},
		"phone without digits": {party(ecml.Party{Telecom: []ecml.Telecom{{Phone: []ecml.Phone{{Number: "+"}}}}}), ecml.ErrPhone, "Ecom/ShipTo[2]/Telecom/Phone/@Number"},
		"no phone":             {party(ecml.Party{Telecom: []ecml.Telecom{{}}}), ecml.ErrMissing, "Ecom/ShipTo[2]/Telecom"},
		"email":                {party(ecml.Party{Online: []ecml.Online{{Email: []ecml.Email{{Address: "a b@c"}}}}}), ecml.ErrEmail, "Ecom/ShipTo[2]/Online/Email/@Address"},
		"email without host":   {party(ecml.Party{Online: []ecml.Online{{Email: []ecml.Email{{Address: "a@"}}}}}), ecml.ErrEmail, "Ecom/ShipTo[2]/Online/Email/@Address"},
		"no card":              {ecml.Ecom{Payment: []ecml.Payment{{}}}, ecml.ErrMissing, "Ecom/Payment"},
		"no expiry":            {card(ecml.Card{}), ecml.ErrMissing, "Ecom/Payment/Card"},
		"no terminal":          {ecml.Ecom{Merchants: []ecml.Merchant{{}}}, ecml.ErrMissing, "Ecom/Merchant"},
		"check digit":          {card(ecml.Card{Number: ecml.NewCardNumber("4539578763621487"), ExpDate: some}), ecml.ErrCardNumber, "Ecom/Payment/Card/@Number"},
		"number of another":    {card(ecml.Card{Number: ecml.NewCardNumber("4539578763621486"), Type: "mast", ExpDate: some}), ecml.ErrCardBrand, "Ecom/Payment/Card/@Number"},
		"month 13":             {exp(ecml.Date{Month: "13"}), ecml.ErrDate, "Ecom/Payment/Card/ExpDate/@Month"},
		"month 0":              {exp(ecml.Date{Month: "0"}), ecml.ErrDate, "Ecom/Payment/Card/ExpDate/@Month"},
		"day 32":               {exp(ecml.Date{Day: "32"}), ecml.ErrDate, "Ecom/Payment/Card/ExpDate/@Day"},
		"month in letters":     {exp(ecml.Date{Month: "Feb"}), ecml.ErrDate, "Ecom/Payment/Card/ExpDate/@Month"},
		"year of two digits":   {exp(ecml.Date{Year: "30"}), ecml.ErrDate, "Ecom/Payment/Card/ExpDate/@Year"},
		"29 February 2027":     {exp(ecml.Date{Day: "29", Month: "2", Year: "2027"}), ecml.ErrDate, "Ecom/Payment/Card/ExpDate"},
		"31 April":             {exp(ecml.Date{Day: "31", Month: "04"}), ecml.ErrDate, "Ecom/Payment/Card/ExpDate"},
		"currency":             {tx(ecml.Transaction{Currency: "WON"}), ecml.ErrCurrency, "Ecom/Transaction/@Currency"},
		"amount without dot":   {tx(ecml.Transaction{Amount: "50000"}), ecml.ErrAmount, "Ecom/Transaction/@Amount"},
		"amount with a mark":   {tx(ecml.Transaction{Amount: "$5.00"}), ecml.ErrAmount, "Ecom/Transaction/@Amount"},
		"amount too fine":      {tx(ecml.Transaction{Amount: "500.5", Currency: "KRW"}), ecml.ErrAmount, "Ecom/Transaction/@Amount"},
		"signature":            {tx(ecml.Transaction{Signature: text("@@@")}), ecml.ErrBase64, "Ecom/Transaction/Signature"},
		"inquiry":              {tx(ecml.Transaction{Inquiry: text("http://a b/")}), ecml.ErrURI, "Ecom/Transaction/Inquiry"},
		"certificate's URL":    {ecml.Ecom{User: []ecml.User{{CertificateURL: "http://[::1"}}}, ecml.ErrURI, "Ecom/User/@CertificateURL"},
		"language":             {ecml.Ecom{User: []ecml.User{{DataLanguage: "korean language"}}}, ecml.ErrLanguage, "Ecom/User/@DataLanguage"},
		"two passwords":        {ecml.Ecom{User: []ecml.User{{Password: make([]ecml.PasswordText, 2)}}}, ecml.ErrRepeated, "Ecom/User"},
		"version":              {ecml.Ecom{SchemaVersion: "2.0"}, ecml.ErrVersion, "Ecom/@SchemaVersion"},
		"old version":          {ecml.Ecom{SchemaVersion: ecml.Schema11}, ecml.ErrVersion, "Ecom/@SchemaVersion"},
		"id":                   {ecml.Ecom{Common: ecml.Common{ID: "1a"}}, ecml.ErrID, "Ecom/@id"},
		"empty country":        {postal(ecml.Postal{Common: blank("CountryCode")}), ecml.ErrEmpty, "Ecom/ShipTo[2]/Postal/@CountryCode"},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, c.e.Validate(), c.code, c.at) })
	}
}

func blank(names ...string) ecml.Common {
	var c ecml.Common
	c.SetBlank(names...)
	return c
}

func TestValidateTakesWhatIsRight(t *testing.T) {
	date := func(d ecml.Date) *ecml.Ecom {
		return &ecml.Ecom{Payment: []ecml.Payment{{Card: &ecml.Card{ExpDate: &d}}}}
	}
	for name, e := range map[string]*ecml.Ecom{
		"29 February of some year": date(ecml.Date{Day: "29", Month: "02"}),
		"29 February 2028":         date(ecml.Date{Day: "29", Month: "2", Year: "2028"}),
		"nothing":                  {},
	} {
		if err := e.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	newer := decodeForm(t, url.Values{"Ecom_SchemaVersion": {ecml.Schema11}, "Ecom_Payment_Card_Type": {"UCAR"}})
	if err := newer.ValidateForm(); err != nil {
		t.Errorf("a card type of version 1.1 in a form of it: %v", err)
	}
}

func TestValidateReturnsAllProblems(t *testing.T) {
	e := parse(t, `<Ecom SchemaVersion="x" id="a"><ShipTo><Postal CountryCode="??"><Street Line3="c"/></Postal></ShipTo>`+
		`<Payment><Card Number="1" Type="BC"><ExpDate Month="0" Year="26"/></Card></Payment></Ecom>`)
	e.ShipTo[0].ID = "a" // the parser refuses it at once
	var got []string
	for _, p := range ecml.Problems(e.Validate()) {
		got = append(got, p.Code()+" "+p.Place())
	}
	want := []string{
		"ecml-version Ecom/@SchemaVersion", "ecml-nmtoken Ecom/ShipTo/Postal/@CountryCode", "ecml-street Ecom/ShipTo/Postal/Street",
		"ecml-card-number Ecom/Payment/Card/@Number", "ecml-card-type Ecom/Payment/Card/@Type",
		"ecml-date Ecom/Payment/Card/ExpDate/@Month", "ecml-date Ecom/Payment/Card/ExpDate/@Year", "ecml-id Ecom/ShipTo/@id",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAQueryMayAskWithoutValuesOrParts(t *testing.T) {
	e := parse(t, `<Ecom Mode="Query"><ShipTo><Postal CountryCode=""/><Telecom/></ShipTo><Payment/></Ecom>`)
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateFormJudgesByTheVersionStated(t *testing.T) {
	for name, c := range map[string]struct {
		form url.Values
		code ecml.Code
		at   string
	}{
		"no version":      {url.Values{"Ecom_ConsumerOrderID": {"1"}}, ecml.ErrMissing, "Ecom/@SchemaVersion"},
		"unknown version": {url.Values{"Ecom_SchemaVersion": {"3"}}, ecml.ErrVersion, "Ecom/@SchemaVersion"},
		"1.1 in 1.0":      {url.Values{"Ecom_SchemaVersion": {ecml.Schema10}, "Ecom_User_ID": {"u"}}, ecml.ErrVersion, "Ecom_User_ID"},
		"2.0 in 1.1":      {url.Values{"Ecom_SchemaVersion": {ecml.Schema11}, "Ecom_Device_ID": {"u"}}, ecml.ErrVersion, "Ecom_Device_ID"},
		"card type":       {url.Values{"Ecom_SchemaVersion": {ecml.Schema10}, "Ecom_Payment_Card_Type": {"UCAR"}}, ecml.ErrVersion, "Ecom/Payment/Card/@Type"},
		"gender":          {url.Values{"Ecom_SchemaVersion": {ecml.Schema20}, "Ecom_UserData_Gender": {"X"}}, ecml.ErrGender, "Ecom_UserData_Gender"},
		"birth day":       {url.Values{"Ecom_SchemaVersion": {ecml.Schema20}, "Ecom_UserData_BirthDate_Day": {"31"}, "Ecom_UserData_BirthDate_Month": {"6"}}, ecml.ErrDate, "Ecom_UserData_BirthDate"},
		"transaction date": {
			url.Values{"Ecom_SchemaVersion": {ecml.Schema20}, "Ecom_Transaction_Date": {"yesterday"}},
			ecml.ErrDate, "Ecom_Transaction_Date",
		},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, decodeForm(t, c.form).ValidateForm(), c.code, c.at) })
	}
}

func TestProfileRefusesWhatKECISHasItsOwnPlaceFor(t *testing.T) {
	for doc, c := range map[string]struct {
		code ecml.Code
		at   string
	}{
		`<Ecom id="a"/>`: {ecml.ErrProfileID, "Ecom/@id"},
		`<Ecom><ShipTo><Postal><City id="a"/></Postal></ShipTo></Ecom>`: {ecml.ErrProfileID, "Ecom/ShipTo/Postal/City/@id"},
		`<Ecom Mode="Query"/>`:                                                    {ecml.ErrProfileQuery, "Ecom"},
		`<Ecom><BillTo Mode="Query"/></Ecom>`:                                     {ecml.ErrProfileQuery, "Ecom/BillTo"},
		`<Ecom Merchant="a.example"/>`:                                            {ecml.ErrProfileHome, "Ecom/@Merchant"},
		`<Ecom Processor="a.example"/>`:                                           {ecml.ErrProfileHome, "Ecom/@Processor"},
		`<Ecom><Merchant/></Ecom>`:                                                {ecml.ErrProfileHome, "Ecom/Merchant"},
		`<Ecom><Transaction Currency="KRW"/></Ecom>`:                              {ecml.ErrProfileHome, "Ecom/Transaction/@Currency"},
		`<Ecom><Transaction Type="debit"/></Ecom>`:                                {ecml.ErrProfileHome, "Ecom/Transaction/@Type"},
		`<Ecom><Transaction Amount="1.0"/></Ecom>`:                                {ecml.ErrProfileHome, "Ecom/Transaction/@Amount"},
		`<Ecom><Transaction><Id CID="1"/></Transaction></Ecom>`:                   {ecml.ErrProfileHome, "Ecom/Transaction/Id"},
		`<Ecom><Payment><Card Number="4539578763621486"/></Payment></Ecom>`:       {ecml.ErrProfileClear, "Ecom/Payment/Card/@Number"},
		`<Ecom><Payment><Card Verification="1"/></Payment></Ecom>`:                {ecml.ErrProfileClear, "Ecom/Payment/Card/@Verification"},
		`<Ecom><Payment><Card Issuer="1"/></Payment></Ecom>`:                      {ecml.ErrProfileClear, "Ecom/Payment/Card/@Issuer"},
		`<Ecom><Payment><Card><ExpDate Year="2030"/></Card></Payment></Ecom>`:     {ecml.ErrProfileClear, "Ecom/Payment/Card/ExpDate/@Year"},
		`<Ecom><Transaction><Data><Track1>1</Track1></Data></Transaction></Ecom>`: {ecml.ErrProfileClear, "Ecom/Transaction/Data/Track1"},
		`<Ecom><User><Password>1</Password></User></Ecom>`:                        {ecml.ErrProfileClear, "Ecom/User/Password"},
		`<Ecom SchemaVersion="http://www.ecml.org/version/1.1"/>`:                 {ecml.ErrVersion, "Ecom/@SchemaVersion"},
		`<Ecom><ShipTo><Postal><Company>ACME </Company></Postal></ShipTo></Ecom>`: {ecml.ErrProfileBlank, "Ecom/ShipTo/Postal/Company"},
		"<Ecom>\n<ShipTo>stray</ShipTo></Ecom>":                                   {ecml.ErrProfileStray, "Ecom/ShipTo"},
	} {
		wantError(t, parse(t, doc).CheckProfile(), c.code, c.at)
	}
	for _, doc := range []string{
		usual, `<Ecom Mode="Assert" SchemaVersion="urn:ietf:params:ecml:v2.0"><BillTo Mode="Assert"/></Ecom>`,
		`<Ecom><Payment><Card Name="HONG" Type="VISA"><ExpDate/></Card></Payment><Loyalty Number="1"><ExpDate Year="2030"/></Loyalty></Ecom>`,
	} {
		if err := parse(t, doc).CheckProfile(); err != nil {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func TestCardNumbersAndBrands(t *testing.T) {
	for digits, brand := range map[string]string{
		"4111111111111111": "VISA", "4222222222222": "VISA", "5555555555554444": "MAST", "2223003122003222": "MAST",
		"378282246310005": "AMER", "30569309025904": "DINE", "38520000023237": "DINE", "6011111111111117": "DISC",
		"3530111333300000": "JCB",
	} {
		n := ecml.NewCardNumber(digits)
		if !n.Valid() {
			t.Errorf("%s is valid", n)
		}
		for _, other := range ecml.CardTypes() {
			neutral := slices.Contains([]string{"BANK", "DC", "NIKO", "SAIS", "UC", "UCAR"}, other)
			if got := n.HasBrand(other); got != (other == brand || neutral) {
				t.Errorf("%s of %s: brand %s %v", n, brand, other, got)
			}
		}
		if n.HasBrand("BC") {
			t.Error("BC is no registered type")
		}
	}
	// With a right check digit, at both limits of length and past them.
	for digits, want := range map[string]bool{
		"63333333332": false, "633333333332": true, "6333333333333333336": true, "63333333333333333336": false,
	} {
		if ecml.NewCardNumber(digits).Valid() != want {
			t.Errorf("a number of %d digits: valid %v", len(digits), !want)
		}
	}
}

func TestAmountsAreNumbers(t *testing.T) {
	for _, c := range []struct {
		text     string
		exponent int
		minor    int64
		good     bool
	}{
		{"50000.0", 0, 50000, true}, {"50000.00", 0, 50000, true}, {"50000", 0, 50000, true}, {"050000.0", 0, 50000, true},
		{"12.5", 2, 1250, true}, {"12.50", 2, 1250, true}, {"12.500", 2, 1250, true}, {"0.01", 2, 1, true}, {"1.234", 3, 1234, true},
		{"9223372036854775807.0", 0, 1<<63 - 1, true}, {"92233720368547758.07", 2, 1<<63 - 1, true},
		{"9223372036854775808.0", 0, 0, false}, {"92233720368547758.08", 2, 0, false},
		{"12.345", 2, 0, false}, {"0.5", 0, 0, false}, {"-1.0", 0, 0, false}, {"+1.0", 0, 0, false}, {"1,000.0", 0, 0, false},
		{".5", 2, 0, false}, {"5.", 2, 0, false}, {"", 2, 0, false}, {".", 2, 0, false}, {"1.2.3", 2, 0, false}, {"1e3", 0, 0, false},
		{" 1.0", 0, 0, false}, {"１.0", 0, 0, false},
	} {
		got, err := ecml.ParseAmount(c.text, c.exponent)
		if got != c.minor || (err == nil) != c.good || err != nil && !errors.Is(err, ecml.ErrAmount) {
			t.Errorf("ParseAmount(%q, %d) = %d, %v", c.text, c.exponent, got, err)
		}
	}
	for _, c := range []struct {
		minor    int64
		exponent int
		want     string
	}{{50000, 0, "50000.0"}, {1250, 2, "12.50"}, {5, 2, "0.05"}, {0, 3, "0.000"}, {0, 0, "0.0"}} {
		got := ecml.FormatAmount(c.minor, c.exponent)
		if back, err := ecml.ParseAmount(got, c.exponent); got != c.want || back != c.minor || err != nil {
			t.Errorf("FormatAmount(%d, %d) = %q", c.minor, c.exponent, got)
		}
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{{"1250.0", "1250.00", true}, {"01250", "1250.0", true}, {"1250.10", "1250.1", true}, {"1250.01", "1250.1", false}, {"0.0", "000", true}, {"12.0", "120", false}} {
		if same, err := ecml.SameAmount(c.a, c.b); same != c.same || err != nil {
			t.Errorf("SameAmount(%q, %q) = %v, %v", c.a, c.b, same, err)
		}
	}
	for _, pair := range [][2]string{{"x", "1"}, {"1", "x"}} {
		if _, err := ecml.SameAmount(pair[0], pair[1]); !errors.Is(err, ecml.ErrAmount) {
			t.Errorf("SameAmount(%q): %v", pair, err)
		}
	}
}

func TestDates(t *testing.T) {
	if a := (ecml.Date{Day: "7", Month: "01", Year: "2026"}); !a.Equal(ecml.Date{Day: "07", Month: "1", Year: "2026"}) || a.Equal(ecml.Date{Day: "8", Month: "1", Year: "2026"}) {
		t.Error("a leading zero means nothing, other digits do")
	}
	for _, c := range []struct {
		d    ecml.Date
		want string
	}{
		{ecml.Date{Month: "2", Year: "2028"}, "2028-02-29T23:59:59Z"},
		{ecml.Date{Month: "12", Year: "2030"}, "2030-12-31T23:59:59Z"},
		{ecml.Date{Day: "05", Month: "07", Year: "2030"}, "2030-07-05T23:59:59Z"},
		{ecml.Date{Year: "2030"}, ""}, {ecml.Date{Month: "2"}, ""}, {ecml.Date{Day: "30", Month: "2", Year: "2030"}, ""}, {ecml.Date{Month: "x", Year: "2030"}, ""},
	} {
		last, ok := c.d.Last()
		if ok != (c.want != "") || ok && last.Truncate(time.Second).Format(time.RFC3339) != c.want {
			t.Errorf("%+v ends %v, %v", c.d, last, ok)
		}
	}
}

func TestCurrencies(t *testing.T) {
	for code, want := range map[string]int{"KRW": 0, "JPY": 0, "USD": 2, "EUR": 2, "KWD": 3, "CLF": 4, "ZWG": 2, "AED": 2} {
		if got, ok := ecml.CurrencyExponent(code); !ok || got != want {
			t.Errorf("%s: %d, %v", code, got, ok)
		}
	}
	for _, code := range []string{"", "KR", "krw", "WON", "KRW ", "EDA", "D A", "XXX", "ED "} {
		if _, ok := ecml.CurrencyExponent(code); ok {
			t.Errorf("%q is a currency", code)
		}
	}
	for code, want := range map[string]bool{"KR": true, "AD": true, "ZW": true, "kr": false, "UK": false, "": false, "K": false, "KRW": false} {
		if ecml.IsCountry(code) != want {
			t.Errorf("%q is a country: %v", code, !want)
		}
	}
}
