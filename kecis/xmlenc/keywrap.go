package xmlenc

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
)

// wrapIV is the initial value that an unwrapped key is recognised by (RFC 3394
// 2.2.3.1).
const wrapIV = 0xa6a6a6a6a6a6a6a6

// wrapRounds is the number of passes over the blocks (RFC 3394 2.2.1).
const wrapRounds = 6

// wrapKey wraps key, a multiple of 8 bytes and of 16 at least, under the
// wrapping key of block (RFC 3394 2.2.1).
func wrapKey(block cipher.Block, key []byte) []byte {
	out := make([]byte, blockSize+len(key))
	blocks := out[blockSize:]
	copy(blocks, key)
	var b [2 * blockSize]byte
	binary.BigEndian.PutUint64(b[:], wrapIV)
	t := uint64(0)
	for range wrapRounds {
		for i := 0; i < len(blocks); i += blockSize {
			copy(b[blockSize:], blocks[i:])
			block.Encrypt(b[:], b[:])
			t++
			binary.BigEndian.PutUint64(b[:], binary.BigEndian.Uint64(b[:])^t)
			copy(blocks[i:i+blockSize], b[blockSize:])
		}
	}
	copy(out, b[:blockSize])
	return out
}

// unwrapKey undoes wrapKey (RFC 3394 2.2.2). It tells whether the key is
// genuine in time that does not depend on it, and returns a slice of the usual
// length in any case; of wrapped it needs three blocks.
func unwrapKey(block cipher.Block, wrapped []byte) (key []byte, genuine bool) {
	key = make([]byte, len(wrapped)-blockSize)
	copy(key, wrapped[blockSize:])
	var b [2 * blockSize]byte
	copy(b[:], wrapped[:blockSize])
	t := uint64(wrapRounds * len(key) / blockSize)
	for range wrapRounds {
		for i := len(key) - blockSize; i >= 0; i -= blockSize {
			binary.BigEndian.PutUint64(b[:], binary.BigEndian.Uint64(b[:])^t)
			t--
			copy(b[blockSize:], key[i:i+blockSize])
			block.Decrypt(b[:], b[:])
			copy(key[i:], b[blockSize:])
		}
	}
	var iv [blockSize]byte
	binary.BigEndian.PutUint64(iv[:], wrapIV)
	return key, subtle.ConstantTimeCompare(iv[:], b[:blockSize]) == 1
}
