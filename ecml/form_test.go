package ecml_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/ecml"
)

func decodeForm(t *testing.T, form url.Values) *ecml.Ecom {
	t.Helper()
	e, err := ecml.DecodeForm(form)
	if err != nil {
		t.Fatalf("DecodeForm: %v", err)
	}
	return e
}

func writeForm(t *testing.T, e *ecml.Ecom) url.Values {
	t.Helper()
	form, err := e.Form()
	if err != nil {
		t.Fatalf("Form: %v", err)
	}
	return form
}

// sample returns a value for each field.
func sample(f ecml.Field) string {
	switch f.Type {
	case ecml.TypeFlag:
		return ""
	case ecml.TypeShortDate:
		return "0112"
	}
	return "v-" + strings.ToLower(f.Name)
}

func TestEveryFieldGoesThroughAFormAndBack(t *testing.T) {
	all := url.Values{}
	for f := range ecml.Fields() {
		t.Run(f.Name, func(t *testing.T) {
			form := url.Values{f.Name: {sample(f)}}
			if diff := cmp.Diff(form, writeForm(t, decodeForm(t, form))); diff != "" {
				t.Error(diff)
			}
		})
		all[f.Name] = []string{sample(f)}
	}
	if diff := cmp.Diff(all, writeForm(t, decodeForm(t, all))); diff != "" {
		t.Error("all at once:", diff)
	}
}

func TestFormNamesAreReadInAnyCaseAndWrittenAsInTheRFC(t *testing.T) {
	for _, spell := range []func(string) string{strings.ToUpper, strings.ToLower} {
		form, want := url.Values{}, url.Values{}
		for f := range ecml.Fields() {
			form[spell(f.Name)] = []string{sample(f)}
			want[f.Name] = []string{sample(f)}
		}
		if diff := cmp.Diff(want, writeForm(t, decodeForm(t, form))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestFormKeepsUnknownNamesAndLeavesOthersAlone(t *testing.T) {
	e := decodeForm(t, url.Values{
		"ECOM_CONSUMERID": {"c-1"}, "Ecom_Payment_Card_StartDate_Month": {"2", "3"},
		"Ecom_SchemaVersion": {ecml.Schema11}, "pg_total_amount": {"100"}, "Ecom": {"x"},
	})
	want := url.Values{
		"ECOM_CONSUMERID": {"c-1"}, "Ecom_Payment_Card_StartDate_Month": {"2", "3"},
		"Ecom_SchemaVersion": {ecml.Schema11},
	}
	if diff := cmp.Diff(want, writeForm(t, e)); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprint(e.FormOnly.Unknown); got != "[{ECOM_CONSUMERID (3 bytes)} {Ecom_Payment_Card_StartDate_Month (1 bytes)} {Ecom_Payment_Card_StartDate_Month (1 bytes)}]" {
		t.Errorf("unknown fields show %s", got)
	}
}

func TestFormReadsNamesOfDeployedSoftware(t *testing.T) {
	e := decodeForm(t, url.Values{
		"Ecom_Payment_Card_Protocols": {"none"}, "ECOM_TRANSACTION_CURRENCY": {"KRW"},
		"Ecom_TransactionComplete": {"false"},
	})
	want := url.Values{"Ecom_Payment_Card_Protocol": {"none"}, "Ecom_Transaction_CurrencyCode": {"KRW"}}
	if diff := cmp.Diff(want, writeForm(t, e)); diff != "" {
		t.Error(diff)
	}
}

func TestFormOfAConsumerLeavesBlanksOut(t *testing.T) {
	form := url.Values{
		"Ecom_ShipTo_Postal_City": {"서울"}, "Ecom_ShipTo_Postal_Name_Middle": {""},
		"Ecom_BillTo_Postal_City": {""}, "Ecom_ShipTo": {""}, "Ecom_Other": {""},
	}
	if diff := cmp.Diff(url.Values{"Ecom_ShipTo_Postal_City": {"서울"}}, writeForm(t, decodeForm(t, form))); diff != "" {
		t.Error(diff)
	}
	asked, err := ecml.FormDecoder{KeepBlank: true}.Decode(form)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"Ecom_ShipTo_Postal_City": {"서울"}, "Ecom_ShipTo_Postal_Name_Middle": {""},
		"Ecom_BillTo_Postal_City": {""}, "Ecom_Other": {""},
	}
	if diff := cmp.Diff(want, writeForm(t, asked)); diff != "" {
		t.Error("with KeepBlank:", diff)
	}
}

func TestFormRefuses(t *testing.T) {
	many := url.Values{}
	for i := range ecml.MaxFormFields + 1 {
		many[fmt.Sprintf("Ecom_X%d", i)] = []string{"1"}
	}
	const city = "Ecom_ShipTo_Postal_City"
	for name, c := range map[string]struct {
		form url.Values
		code ecml.Code
		at   string
	}{
		"one field twice":      {url.Values{city: {"a", "b"}}, ecml.ErrRepeated, city},
		"two spellings":        {url.Values{city: {"a"}, strings.ToUpper(city): {"a"}}, ecml.ErrRepeated, city},
		"alias and field":      {url.Values{"Ecom_Transaction_Currency": {"KRW"}, "Ecom_Transaction_CurrencyCode": {"KRW"}}, ecml.ErrRepeated, "Ecom_Transaction_CurrencyCode"},
		"short date":           {url.Values{"Ecom_Transaction_Settle_Date": {"20260131"}}, ecml.ErrDate, "Ecom_Transaction_Settle_Date"},
		"bytes not UTF-8":      {url.Values{city: {"\xff"}}, ecml.ErrCharacter, city},
		"control character":    {url.Values{city: {"a\x00b"}}, ecml.ErrCharacter, city},
		"control in a name":    {url.Values{"Ecom_\x01": {"a"}}, ecml.ErrCharacter, `"Ecom_?"`},
		"value too long":       {url.Values{city: {strings.Repeat("a", ecml.MaxFormValue+1)}}, ecml.ErrTooLarge, city},
		"more fields than fit": {many, ecml.ErrTooLarge, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := ecml.DecodeForm(c.form)
			wantError(t, err, c.code, c.at)
			if e != nil {
				t.Error("a partial result")
			}
		})
	}
	delete(many, "Ecom_X0")
	if _, err := ecml.DecodeForm(many); err != nil {
		t.Errorf("at the limit of fields: %v", err)
	}
	if _, err := ecml.DecodeForm(url.Values{city: {strings.Repeat("a", ecml.MaxFormValue)}}); err != nil {
		t.Errorf("at the limit of a value: %v", err)
	}
}

func TestFormTellsAllThatItRefuses(t *testing.T) {
	_, err := ecml.DecodeForm(url.Values{
		"Ecom_ShipTo_Postal_City": {"a", "b"}, "Ecom_Transaction_Capture_Date": {"x"}, "Ecom_Device_ID": {"\x00"},
	})
	if got := len(ecml.Problems(err)); got != 3 || !errors.Is(err, ecml.ErrDate) {
		t.Errorf("%d problems: %v", got, err)
	}
}

func TestFormWriterRefusesWhatAFormCannotHold(t *testing.T) {
	date := func(d ecml.Date) ecml.Ecom {
		return ecml.Ecom{Transaction: []ecml.Transaction{{Date: []ecml.TransactionDates{{Settle: &d}}}}}
	}
	for name, c := range map[string]struct {
		e    ecml.Ecom
		code ecml.Code
		at   string
	}{
		"two parties":        {ecml.Ecom{ShipTo: make([]ecml.Party, 2)}, ecml.ErrNoForm, "Ecom/ShipTo[1]"},
		"date without a day": {date(ecml.Date{Month: "2"}), ecml.ErrNoForm, "Ecom_Transaction_Settle_Date"},
		"date not in digits": {date(ecml.Date{Month: "Feb", Day: "1"}), ecml.ErrNoForm, "Ecom_Transaction_Settle_Date"},
		"known name as unknown": {
			ecml.Ecom{FormOnly: &ecml.FormOnly{Unknown: []ecml.UnknownField{{Name: "ecom_device_id"}}}},
			ecml.ErrRepeated, "FormOnly.Unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			form, err := c.e.Form()
			wantError(t, err, c.code, c.at)
			if form != nil {
				t.Error("a partial form")
			}
		})
	}
}

func TestFormsOfEachVersionAreRead(t *testing.T) {
	for version, schema := range map[ecml.Version]string{
		ecml.Version10: ecml.Schema10, ecml.Version11: ecml.Schema11, ecml.Version20: ecml.Schema20,
	} {
		form := url.Values{}
		for f := range ecml.Fields() {
			if f.Since <= version {
				form[f.Name] = []string{sample(f)}
			}
		}
		form.Set("Ecom_SchemaVersion", schema)
		e := decodeForm(t, form)
		if e.Version() != version {
			t.Errorf("%s read as version %v", schema, e.Version())
		}
		if err := e.ValidateForm(); errors.Is(err, ecml.ErrVersion) {
			t.Errorf("version %v: %v", version, err)
		}
		if diff := cmp.Diff(form, writeForm(t, e)); diff != "" {
			t.Error(diff)
		}
	}
}
