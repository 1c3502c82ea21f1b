package metadata

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// maxChain bounds the keys that one document after the other handed over since
// the pin or listing: a roll-over a month for eighty years.
const maxChain = 1000

// Add accepts a document that came by hand, by the same rules as a fetched one:
// of a pinned or listed entity, signed with a key of its last accepted document,
// or an aggregate signed with a key of its anchor; not over, and newer than what
// is known (ErrSerial). The document that is known already is no error.
func (d *Directory) Add(ctx context.Context, document []byte) error {
	return d.accept(ctx, document, MaxAggregate, source{})
}

// accept judges a document, stores it, and takes it over. Unless from is zero
// the document must be from there.
func (d *Directory) accept(ctx context.Context, document []byte, most int, from source) error {
	d.accepting.Lock()
	defer d.accepting.Unlock()
	verified, err := verify(ctx, document, most, trust{d, document})
	if err != nil {
		return err
	}
	defer verified.Release()
	root, err := verified.Root()
	if err != nil {
		return err
	}
	is := source{name: verified.Sender(), aggregate: root.Is(nsMD, "EntitiesDescriptor")}
	switch {
	case from != source{} && from != is:
		return &Error{code: ErrUnknownPartner, expected: "the metadata of " + quote(from.name), found: quote(is.name)}
	case !is.aggregate && len(document) > MaxDocument:
		return &Error{code: ErrFetch, expected: "at most " + strconv.Itoa(MaxDocument) + " bytes", found: strconv.Itoa(len(document))}
	case d.sameContent(is, verified):
		return nil
	case is.aggregate:
		return d.acceptAggregate(ctx, verified, document)
	}
	return d.acceptEntity(ctx, verified, document)
}

// verify verifies a document of so many bytes at most.
func verify(ctx context.Context, document []byte, most int, keys xmlsig.KeySource) (xmlsig.Verified, error) {
	return (&xmlsig.Verifier{Profile: xmlsig.Metadata(), Limits: limits(most)}).Verify(ctx, document, keys)
}

func (d *Directory) acceptEntity(ctx context.Context, v xmlsig.Verified, document []byte) error {
	e, err := Decode(v)
	if err != nil {
		return err
	}
	if err := e.Check(d.config.Clock()); err != nil {
		return err
	}
	d.mu.RLock()
	k, ok := d.known(e.ID)
	d.mu.RUnlock()
	if !ok {
		return unknownPartner(e.ID)
	}
	if k.entity != nil {
		if err := newer(e.Serial, k.entity.Serial); err != nil {
			return err
		}
	}
	accepted, err := acceptedBy(v, document)
	if err != nil {
		return err
	}
	accepted.Name, accepted.Serial, accepted.Anchor, accepted.AnchorKey = e.ID, e.Serial, k.anchor, k.key
	if accepted.Chain, err = prolonged(k.chain, v.Key().String()); err != nil {
		return err
	}
	if err := d.config.Store.Save(ctx, accepted); err != nil {
		return storeFault(err)
	}
	d.mu.Lock()
	d.own[e.ID] = &ownDocument{accepted, e, v.Digest()}
	d.mu.Unlock()
	return nil
}

// prolonged adds a key to the chain that a document hangs on.
func prolonged(chain []string, key string) ([]string, error) {
	if slices.Contains(chain, key) {
		return chain, nil
	}
	if len(chain) >= maxChain {
		return nil, &Error{code: ErrKey, expected: "at most " + strconv.Itoa(maxChain) + " keys since the pin or listing", found: "more"}
	}
	return append(slices.Clone(chain), key), nil
}

func (d *Directory) acceptAggregate(ctx context.Context, v xmlsig.Verified, document []byte) error {
	a, err := DecodeAggregate(v)
	if err != nil {
		return err
	}
	if err := a.Check(d.config.Clock()); err != nil {
		return err
	}
	d.mu.RLock()
	last := d.aggregates[a.Name]
	d.mu.RUnlock()
	if last != nil {
		if err := newer(a.Serial, last.Serial); err != nil {
			return err
		}
	}
	accepted, err := acceptedBy(v, document)
	if err != nil {
		return err
	}
	accepted.Name, accepted.Serial, accepted.Aggregate = a.Name, a.Serial, true
	if err := d.config.Store.Save(ctx, accepted); err != nil {
		return storeFault(err)
	}
	d.mu.Lock()
	d.aggregates[a.Name] = indexed(accepted, v, a)
	d.mu.Unlock()
	return nil
}

func acceptedBy(v xmlsig.Verified, document []byte) (Accepted, error) {
	key, err := x509.MarshalPKIXPublicKey(v.Key().Public())
	if err != nil {
		return Accepted{}, &Error{code: ErrKey, expected: "a key that can be encoded", found: "one that cannot", cause: err}
	}
	return Accepted{Key: key, Document: bytes.Clone(document)}, nil
}

func newer(serial, known int64) error {
	if serial <= known {
		return &Error{code: ErrSerial, expected: "a serial above " + strconv.FormatInt(known, 10), found: strconv.FormatInt(serial, 10)}
	}
	return nil
}

func storeFault(err error) error { return fmt.Errorf("metadata: the directory's store: %w", err) }

// indexed makes listings of an aggregate.
func indexed(accepted Accepted, v xmlsig.Verified, a *Aggregate) *listings {
	l := &listings{Accepted: accepted, signedBy: v.Key().String(), digest: v.Digest(), aggregate: a, byEntity: make(map[string]*Listing, len(a.Listings))}
	for i := range a.Listings {
		l.byEntity[a.Listings[i].Entity.ID] = &a.Listings[i]
	}
	return l
}

// restore takes over a document from the store. One that hangs on trust that is
// no longer configured is left out; known leaves out the others that do not
// count, which depends on the aggregates of the day.
func (d *Directory) restore(ctx context.Context, a Accepted) error {
	public, err := x509.ParsePKIXPublicKey(a.Key)
	if err != nil {
		return storeFault(err)
	}
	key, err := xmlsig.NewPublicKey(public)
	if err != nil {
		return storeFault(err)
	}
	v, err := verify(ctx, a.Document, MaxAggregate, xmlsig.Keys{key})
	if err != nil {
		return storeFault(err)
	}
	defer v.Release()
	if a.Aggregate {
		aggregate, err := DecodeAggregate(v)
		if err != nil {
			return storeFault(err)
		}
		anchor := d.anchor(aggregate.Name)
		if anchor != nil && anchor.signs(key.String()) {
			d.aggregates[aggregate.Name] = indexed(a, v, aggregate)
		}
		return nil
	}
	e, err := Decode(v)
	if err != nil {
		return storeFault(err)
	}
	if len(a.Chain) == 0 || !slices.Contains(a.Chain, key.String()) || a.Serial != e.Serial || a.Name != e.ID {
		return storeFault(&Error{code: ErrStructure, expected: "a record that goes with its document", found: quote(e.ID)})
	}
	d.own[e.ID] = &ownDocument{a, e, v.Digest()}
	return nil
}
