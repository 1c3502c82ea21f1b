package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
)

// idpSettings are the configuration of an identity provider.
type idpSettings struct {
	Entity string              `yaml:"entity"`
	Host   certificateSettings `yaml:",inline"`
	Keys   struct {
		// Answers signs what service providers get, in the certificate that they want;
		// it is made where it is absent.
		Answers struct {
			File        string `yaml:"file"`
			Certificate string `yaml:"certificate"`
		} `yaml:"answers"`
		Metadata struct {
			File string `yaml:"file"`
		} `yaml:"metadata"`
	} `yaml:"keys"`
	Journal   string                    `yaml:"journal"`
	Secret    string                    `yaml:"secret"`
	Providers []serviceProviderSettings `yaml:"providers"`
	Log       logSettings               `yaml:"log"`
}

// serviceProviderSettings are one service provider.
type serviceProviderSettings struct {
	Metadata string `yaml:"metadata"`
	// Key is the file of the key that signs its metadata; without one, the file
	// itself is trusted.
	Key            string       `yaml:"key"`
	Name           settingsText `yaml:"name"`
	SignedRequests bool         `yaml:"signedRequests"`
	HolderOfKey    bool         `yaml:"holderOfKey"`
	Transient      bool         `yaml:"transient"`
}

// secretBytes is the length of the secret of names and pages.
const secretBytes = 32

// secret reads the secret in a file, and makes it where it is absent.
func (f *settingsFile) secret(name string) ([]byte, error) {
	file := f.file(name)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, secretBytes)
		if _, err := io.ReadFull(f.a.random, fresh); err != nil {
			return nil, err
		}
		if err := f.a.write(file, []byte(hex.EncodeToString(fresh)+"\n"), modeSecret, false); err != nil {
			return nil, f.because([]any{"secret"}, err)
		}
	}
	return f.existingSecret(name)
}

// existingSecret is secret of a file that must be there.
func (f *settingsFile) existingSecret(name string) ([]byte, error) {
	content, err := f.a.read(f.file(name), "secret")
	if err != nil {
		return nil, f.because([]any{"secret"}, err)
	}
	secret, err := hex.DecodeString(string(bytes.TrimSpace(content)))
	if err != nil || len(secret) < secretBytes {
		return nil, f.at([]any{"secret"}, phrase{"%s does not hold %d bytes in hexadecimal digits", "%s에 16진수 %d바이트가 없습니다"}, shown(name), secretBytes)
	}
	return secret, nil
}
