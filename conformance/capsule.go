package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// WriteRecording writes a recording as JSON, one file that ReadRecording reads
// on another machine.
func WriteRecording(w io.Writer, r *Recording) error {
	out := *r
	out.Format = RecordingFormat
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(&out)
}

// maxRecording bounds the octets of a recording: a run of all cases with all its
// documents is some ten million.
const maxRecording = 1 << 28

// ReadRecording reads what WriteRecording wrote. What it does not know is an
// error: judged without it, the recording might look better than it is.
func ReadRecording(r io.Reader) (*Recording, error) {
	limited := &io.LimitedReader{R: r, N: maxRecording}
	dec := json.NewDecoder(limited)
	dec.DisallowUnknownFields()
	out := new(Recording)
	if err := dec.Decode(out); err != nil {
		return nil, fmt.Errorf("the recording cannot be read: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the recording, or it is too long")
	}
	if out.Format != RecordingFormat {
		return nil, fmt.Errorf("the recording has format %d; this version reads %d", out.Format, RecordingFormat)
	}
	return out, nil
}
