package kecis

// answer returns the header of an answer to the request: bound to it by ID,
// recipient and digest (P5), sent by the entity. On the back channel it is
// destined to the requester's entityID (KECIS-MSG-008).
func (h *RequestHeader) answer(sender string, code Code) ResponseHeader {
	return ResponseHeader{
		Header:        Header{Destination: h.Sender, Sender: sender},
		InResponseTo:  h.ID,
		Recipient:     h.Sender,
		RequestDigest: h.digest,
		Status:        NewStatus(code),
	}
}

// answerTo refuses an answer that is not one to that request.
func (h *ResponseHeader) answerTo(request *Header) error {
	switch {
	case request.digest.IsZero():
		return &Error{code: ErrAnswer, expected: "a request that was signed or decoded here", found: "one without a digest"}
	case h.InResponseTo != request.ID:
		return &Error{code: ErrAnswer, expected: "InResponseTo " + quote(string(request.ID)), found: quote(string(h.InResponseTo))}
	case h.Recipient != request.Sender:
		return &Error{code: ErrAnswer, expected: "Recipient " + quote(request.Sender), found: quote(h.Recipient)}
	case h.RequestDigest != request.digest:
		return &Error{code: ErrAnswer, expected: "RequestDigest " + request.digest.String(), found: h.RequestDigest.String()}
	}
	return nil
}
