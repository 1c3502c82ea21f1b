package ecml_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/ecml"
)

// What must show nowhere: the inner digits of the card number, and all of the
// others.
const (
	cardDigits   = "4539578763621486"
	verification = "917"
	password     = "open-sesame-77"
	track1       = "B4539578763621486^HONG/GILDONG^30071010000"
	track2       = "4539578763621486=30071010000"
	loyalty      = "9410-8833-7741-2206"
	unknown      = "4539578763621486 in an unknown field"
)

func secrets() []string {
	return []string{cardDigits[6:12], "-8833-7741", `"917"`, "sesame", "^HONG", "=3007", "in an unknown"}
}

// loaded returns an Ecom with all kinds of secrets.
func loaded() *ecml.Ecom {
	return &ecml.Ecom{
		Payment: []ecml.Payment{{Card: &ecml.Card{
			Name: "HONG", Number: ecml.NewCardNumber(cardDigits), Verification: ecml.NewVerification(verification),
		}}},
		Loyalty: []ecml.Loyalty{{Number: ecml.NewCardNumber(loyalty), Verification: ecml.NewVerification(verification)}},
		User:    []ecml.User{{Password: []ecml.PasswordText{{Value: ecml.NewPassword(password)}}}},
		Transaction: []ecml.Transaction{{Data: []ecml.TransactionData{{
			Track1: []ecml.TrackText{{Value: ecml.NewTrack(track1)}},
			Track2: []ecml.TrackText{{Value: ecml.NewTrack(track2)}},
		}}}},
		FormOnly: &ecml.FormOnly{Unknown: []ecml.UnknownField{{Name: "Ecom_X", Value: ecml.NewOpaque(unknown)}}},
	}
}

// hexOf returns what %x would print of a secret.
func hexOf(s string) string { return fmt.Sprintf("%x", s) }

func checkNoLeak(t *testing.T, how, out string) {
	t.Helper()
	for _, s := range secrets() {
		bare := strings.Trim(s, `"`)
		if strings.Contains(out, s) || len(bare) > 3 && (strings.Contains(out, hexOf(bare)) || strings.Contains(out, strings.ToUpper(hexOf(bare)))) {
			t.Errorf("%s shows %q: %s", how, s, out)
		}
	}
}

func TestNoPrintingOfAStructLeaks(t *testing.T) {
	e := loaded()
	card := *e.Payment[0].Card
	private := struct {
		number ecml.CardNumber
		value  ecml.Verification
		card   *ecml.Card
		any    any
	}{card.Number, card.Verification, &card, card.Number}
	for name, v := range map[string]any{
		"Ecom": *e, "pointer": e, "Card": card, "Payment": e.Payment, "User": e.User[0], "Loyalty": e.Loyalty[0],
		"Transaction": e.Transaction[0].Data[0], "FormOnly": *e.FormOnly, "unexported fields": private,
		"CardNumber": card.Number, "pointer to CardNumber": &card.Number, "Verification": card.Verification,
		"map": map[ecml.CardNumber]ecml.Password{card.Number: e.User[0].Password[0].Value},
		"any": []any{card, card.Number, ecml.NewTrack(track1), ecml.NewOpaque(unknown), ecml.NewPassword(password)},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%x", "%X", "%s", "%d", "% x", "%#q", "%20v", "%-5.3s", "%t", "%o"} {
			checkNoLeak(t, name+" "+verb, fmt.Sprintf(verb, v))
		}
		checkNoLeak(t, name+" Sprint", fmt.Sprint(v))
		checkNoLeak(t, name+" Errorf", fmt.Errorf("refused: %v", v).Error())
		checkNoLeak(t, name+" by reflection", dump(reflect.ValueOf(v)))
	}
}

// dump prints all that reflection reaches, through pointers and unexported
// fields, as debugging printers do.
func dump(v reflect.Value) string {
	var b strings.Builder
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			b.WriteString(dump(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			b.WriteString(v.Type().Field(i).Name + ":" + dump(v.Field(i)) + " ")
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			b.WriteString(dump(v.Index(i)) + " ")
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			b.WriteString(dump(k) + "=" + dump(v.MapIndex(k)))
		}
	case reflect.String:
		fmt.Fprintf(&b, "%s %x", v.String(), v.String())
	default:
		fmt.Fprint(&b, v)
	}
	return b.String()
}

func TestNoEncodingOfAStructLeaks(t *testing.T) {
	e := loaded()
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	checkNoLeak(t, "json", string(raw))
	if !strings.Contains(string(raw), `"453957******1486"`) {
		t.Errorf("json does not show the masked number: %s", raw)
	}
	raw, err = xml.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	checkNoLeak(t, "encoding/xml", string(raw))
	if err := json.Unmarshal([]byte(`{"Number":"453957******1486"}`), new(ecml.Card)); err == nil {
		t.Error("a masked number was read back as a number")
	}
}

func TestNoLogLeaks(t *testing.T) {
	e := loaded()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		log := slog.New(handler(&b))
		card := e.Payment[0].Card
		log.Info("all", "ecom", e, "value", *e, "card", *card, "number", card.Number, "pointer", &card.Number,
			"verification", card.Verification, slog.Group("g", "track", ecml.NewTrack(track2), "password", ecml.NewPassword(password)))
		log.With("number", card.Number).WithGroup("x").Info("again", "user", e.User[0], "unknown", e.FormOnly.Unknown)
		checkNoLeak(t, name, b.String())
		if !strings.Contains(b.String(), "453957******1486") {
			t.Errorf("%s: the masked number is not there: %s", name, b.String())
		}
	}
}

func TestMasks(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"123456789":           "*********",
		"123456789012":        "********9012",
		"12345678901234":      "**********1234",
		"123456789012345":     "123456*****2345",
		"4539578763621486":    "453957******1486",
		"6221260000000000000": "622126*********0000",
	} {
		if got := ecml.NewCardNumber(in).Masked(); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	for _, got := range []string{
		ecml.NewVerification("12").String(), ecml.NewVerification("1234").String(),
		ecml.NewPassword("x").String(), ecml.NewTrack(track1).GoString(),
	} {
		if got != "***" {
			t.Errorf("a secret is shown as %q", got)
		}
	}
}

func TestRevealGivesTheValue(t *testing.T) {
	n := ecml.NewCardNumber(cardDigits)
	if n.Reveal() != cardDigits || !n.Equal(ecml.NewCardNumber(cardDigits)) || n.Equal(ecml.CardNumber{}) {
		t.Error("CardNumber")
	}
	if !ecml.NewCardNumber("").IsZero() || n.IsZero() {
		t.Error("IsZero")
	}
	if diff := cmp.Diff(loaded(), loaded()); diff != "" {
		t.Error("go-cmp:", diff)
	}
	if !reflect.DeepEqual(loaded(), loaded()) {
		t.Error("reflect.DeepEqual")
	}
}

// TestWrongNumbersShowNothing: what is no number may be anything, a password
// that was typed into the wrong field.
func TestWrongNumbersShowNothing(t *testing.T) {
	e := ecml.Ecom{Payment: []ecml.Payment{{Card: &ecml.Card{Number: ecml.NewCardNumber("open sesame, please"), ExpDate: &ecml.Date{}}}}}
	for _, p := range ecml.Problems(e.Validate()) {
		if p.Found() != "***" {
			t.Errorf("found %s", p.Found())
		}
	}
}

// TestNoErrorLeaks has card numbers where they belong and where they do not.
func TestNoErrorLeaks(t *testing.T) {
	form := url.Values{
		"Ecom_SchemaVersion": {cardDigits}, "Ecom_Payment_Card_Number": {cardDigits[:15] + "0"},
		"Ecom_Payment_Card_Type": {cardDigits}, "Ecom_ShipTo_Postal_CountryCode": {cardDigits},
		"Ecom_Payment_Card_ExpDate_Month": {cardDigits}, "Ecom_ShipTo_Telecom_Phone_Number": {cardDigits + "y"},
		"Ecom_Transaction_Amount": {cardDigits}, "Ecom_User_Password": {password}, "Ecom_Payment_Card_Verification": {"9 1 7 "},
		"Ecom_Device_Type": {cardDigits}, "Ecom_Transaction_ID": {cardDigits},
	}
	e := decodeForm(t, form)
	all := []error{e.Validate(), e.ValidateForm(), e.CheckProfile()}
	_, err := e.AppendXML(nil)
	all = append(all, err)
	form.Set("Ecom_Transaction_Settle_Date", cardDigits)
	form["Ecom_Device_ID"] = []string{cardDigits, cardDigits}
	_, err = ecml.DecodeForm(form)
	all = append(all, err)
	_, err = ecml.ParseXML([]byte(`<Ecom A` + cardDigits + `="" />`))
	all = append(all, err)
	_, err = ecml.ParseXML([]byte(`<Ecom Mode="` + cardDigits + `" />`))
	all = append(all, err)
	for i, err := range all {
		if err == nil {
			t.Errorf("%d: no error", i)
			continue
		}
		checkNoLeak(t, fmt.Sprint("error ", i), err.Error())
		checkNoLeak(t, fmt.Sprint("error ", i), fmt.Sprintf("%+v %#v", err, err))
	}
}
