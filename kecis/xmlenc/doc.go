// Package xmlenc encrypts a payment instrument to one recipient, bound to the
// payment that it is meant for, and decrypts it again: a closed profile of XML
// Encryption 1.1 (KECIS-ENC-001 to 024).
//
// The content is encrypted by AES-256-GCM. Its key is carried by RSA-OAEP with
// SHA-256 and MGF1 with SHA-256, or agreed by ECDH-ES on P-256 with ConcatKDF
// and the AES-256 key wrap. Everything else is refused by name.
//
// [Encrypt] puts the [Context] of the payment inside the plaintext, since an
// AES-GCM of XML Encryption authenticates nothing outside it. [EncryptedData]
// is the value that a message carries: [Read] takes it from an element of a
// message, Write puts it into one, and a party in between passes it on
// unchanged. Decrypt gives the payload only if the context inside equals the
// one that the caller expects from verified fields of the message around it.
//
// A refusal of what everybody can see (elements, algorithms, lengths, the name
// of the key) has its own [Code]. All that depends on the key or the plaintext
// is the one code [ErrFailed], always with the same text and without a cause,
// so that nothing can be learnt from the answers of a recipient.
package xmlenc
