package main

import (
	"errors"
	"fmt"
	"sync"
)

// What the back end answers beside receipts. Any other error is a fault of it.
var (
	errFunds = errors.New("there is not enough in the purse, or no such purse")
	errVoid  = errors.New("the charge is void")
	errNoKey = errors.New("no charge under this key")
)

// backEnd stands for a system that a company has had for years: purses of prepaid
// money, known by a token. It takes an idempotency key, as it should; it forgets
// all when the program ends, as it should not.
type backEnd struct {
	mu      sync.Mutex
	purses  map[string]int64
	charges map[string]*charge
}

// charge is what became of a key.
type charge struct {
	purse   string
	amount  int64 // taken; 0 once it is void
	receipt string
	err     error
}

func newBackEnd() *backEnd {
	return &backEnd{purses: map[string]int64{"purse-of-hong-gildong": 1_000_000_000}, charges: map[string]*charge{}}
}

// charge takes an amount from a purse, once for each key.
func (b *backEnd) charge(key, purse string, amount int64) (receipt string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known, ok := b.charges[key]; ok {
		return known.receipt, known.err
	}
	made := &charge{purse: purse}
	b.charges[key] = made
	if b.purses[purse] < amount {
		made.err = errFunds
	} else {
		b.purses[purse] -= amount
		made.amount, made.receipt = amount, fmt.Sprintf("%08d", len(b.charges))
	}
	return made.receipt, made.err
}

// find says what became of a key.
func (b *backEnd) find(key string) (receipt string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known, ok := b.charges[key]; ok {
		return known.receipt, known.err
	}
	return "", errNoKey
}

// void gives the money back, and keeps the key from being charged later.
func (b *backEnd) void(key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if made, ok := b.charges[key]; ok {
		b.purses[made.purse] += made.amount
	}
	b.charges[key] = &charge{err: errVoid}
	return nil
}

// charged is what the charge of a key takes of its purse.
func (b *backEnd) charged(key string) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if made, ok := b.charges[key]; ok {
		return made.amount
	}
	return 0
}
