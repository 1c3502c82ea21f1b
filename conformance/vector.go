package conformance

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/spec/vectors"
)

// Verdict is what became of a vector.
type Verdict string

// The verdicts on a vector (KECIS-VEC-006, 007).
const (
	Passed      Verdict = "pass"
	Failed      Verdict = "fail"
	CouldNotRun Verdict = "could-not-run"
)

// VectorResult is the verdict on one vector.
type VectorResult struct {
	Vector  vectors.Vector
	Verdict Verdict
	// Refusal is what the SDK said of the document; nil if it accepted it.
	Refusal error
	// Problem says why the vector did not pass.
	Problem error
}

// RunVectors runs all vectors of a folder (spec/vectors.FS, or os.DirFS of a
// copy) through this SDK. An error means that the folder itself is broken.
func RunVectors(ctx context.Context, files fs.FS) ([]VectorResult, error) {
	index, err := vectors.Load(files)
	if err != nil {
		return nil, err
	}
	if len(index.Vectors) == 0 {
		return nil, errors.New("index.json lists no vectors")
	}
	keys, err := VectorKeys(files, index)
	if err != nil {
		return nil, err
	}
	out := make([]VectorResult, 0, len(index.Vectors))
	for _, v := range index.Vectors {
		out = append(out, runVector(ctx, files, index, keys, v))
	}
	return out, nil
}

func runVector(ctx context.Context, files fs.FS, index *vectors.Index, keys *Keyring, v vectors.Vector) VectorResult {
	result := VectorResult{Vector: v, Verdict: CouldNotRun}
	if v.Result != "valid" && v.Result != "invalid" || (v.Result == "invalid") != (v.Code != "") {
		result.Problem = fmt.Errorf("the result is %q and the code %q: one of them is wrong", v.Result, v.Code)
		return result
	}
	m, err := vectorMessage(files, index, v)
	if err != nil {
		result.Problem = err
		return result
	}
	if !slices.Contains(Operations(), m.Reading.Operation) {
		result.Problem = fmt.Errorf("the operation %s cannot be run", v.Operation)
		return result
	}
	content, err := Read(ctx, keys, m)
	var refusal Refusal
	if err != nil && !errors.As(err, &refusal) {
		result.Problem = err
		return result
	}
	result.Refusal = err
	result.Verdict = Passed
	expect := Expect{Layer: Layer(v.Layer), Code: v.Code}
	if result.Problem = expect.Judge(err); result.Problem == nil && err == nil {
		result.Problem = compare(files, v, content)
	}
	if result.Problem != nil {
		result.Verdict = Failed
	}
	return result
}

// compare holds what an accepted document gave against what the list states.
func compare(files fs.FS, v vectors.Vector, content Content) error {
	for _, stated := range []struct {
		what, file string
		got        []byte
	}{
		{"canonical form", v.Canonical, content.Canonical},
		{"plaintext", v.Plaintext, content.Plaintext},
	} {
		if stated.file == "" {
			continue
		}
		want, err := fs.ReadFile(files, stated.file)
		if err != nil {
			return err
		}
		if !bytes.Equal(stated.got, want) {
			return fmt.Errorf("the %s is another than that of %s", stated.what, stated.file)
		}
	}
	if got := hex.EncodeToString(content.Digest[:]); v.Digest != "" && v.Digest != got {
		return fmt.Errorf("the digest is %s, not %s", got, v.Digest)
	}
	return nil
}

// vectorMessage makes a message of a vector.
func vectorMessage(files fs.FS, index *vectors.Index, v vectors.Vector) (*Message, error) {
	doc, err := fs.ReadFile(files, v.File)
	if err != nil {
		return nil, err
	}
	clock := index.Now
	if v.Now != "" {
		clock = v.Now
	}
	now, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		return nil, err
	}
	paid, err := parseContext(v.Context)
	if err != nil {
		return nil, err
	}
	m := &Message{Document: doc, Reading: Reading{
		Operation: Operation(v.Operation),
		Profile:   Profile(v.Profile),
		Roots:     v.Roots,
		Role:      Role(v.Role),
		Keys:      v.Keys,
		Now:       now,
		Inclusive: v.Inclusive,
		Context:   paid,
	}}
	if v.Repeat != nil {
		m.Repeat = Repeat{v.Repeat.Marker, v.Repeat.Text, v.Repeat.Count}
	}
	return m, nil
}

// FormatContext writes an expected context as vectors state it, or nil for none.
func FormatContext(c xmlenc.Context) map[string]string {
	if c == (xmlenc.Context{}) {
		return nil
	}
	return map[string]string{
		"recipient": c.Recipient,
		"payee":     c.Payee,
		"requester": c.Requester,
		"order":     c.Order,
		"part":      c.Part,
		"amount":    strconv.FormatInt(c.Amount, 10),
		"currency":  c.Currency,
	}
}

func parseContext(fields map[string]string) (xmlenc.Context, error) {
	c := xmlenc.Context{
		Recipient: fields["recipient"],
		Payee:     fields["payee"],
		Requester: fields["requester"],
		Order:     fields["order"],
		Part:      fields["part"],
		Currency:  fields["currency"],
	}
	var err error
	if amount, ok := fields["amount"]; ok {
		c.Amount, err = strconv.ParseInt(amount, 10, 64)
	}
	return c, err
}

// VectorKeys reads the keys that a list names.
func VectorKeys(files fs.FS, index *vectors.Index) (*Keyring, error) {
	ring := Keyring{}
	for name, k := range index.Keys {
		file := k.Private
		if file == "" {
			file = k.Public
		}
		raw, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		key, err := ParseKey(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		key.Name, key.Owner, key.Use = name, k.Owner, k.Use
		ring[name] = key
	}
	return &ring, nil
}

// ParseKey reads a PEM file: a private key (PKCS #8) or a public one
// (SubjectPublicKeyInfo).
func ParseKey(raw []byte) (*Key, error) {
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("not a PEM file")
	}
	if block.Type == "PUBLIC KEY" {
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		return &Key{Public: public}, err
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, errors.New("not a key that signs")
	}
	return &Key{Private: signer, Public: signer.Public()}, nil
}
