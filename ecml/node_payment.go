package ecml

func (p *Payment) child(name string, k int) node {
	if name == "Card" {
		return only(p.Card, k)
	}
	return nil
}

func (p *Payment) add(name string) node {
	if name == "Card" {
		return single(&p.Card)
	}
	return nil
}

func (c *Card) attr(name string) ref {
	switch name {
	case "Name":
		return ref{plain: &c.Name}
	case "Type":
		return ref{plain: &c.Type}
	case "Number":
		return ref{hidden: &c.Number.secret}
	case "Verification":
		return ref{hidden: &c.Verification.secret}
	case "Issuer":
		return ref{plain: &c.Issuer}
	case "Protocols":
		return ref{plain: &c.Protocols}
	}
	return c.Common.attr(name)
}

func (c *Card) child(name string, k int) node {
	switch name {
	case "ExpDate":
		return only(c.ExpDate, k)
	case "ValidDate":
		return only(c.ValidDate, k)
	}
	return nil
}

func (c *Card) add(name string) node {
	switch name {
	case "ExpDate":
		return single(&c.ExpDate)
	case "ValidDate":
		return single(&c.ValidDate)
	}
	return nil
}

func (d *Date) attr(name string) ref {
	switch name {
	case "Day":
		return ref{plain: &d.Day}
	case "Month":
		return ref{plain: &d.Month}
	case "Year":
		return ref{plain: &d.Year}
	}
	return d.Common.attr(name)
}

func (l *Loyalty) attr(name string) ref {
	switch name {
	case "Name":
		return ref{plain: &l.Name}
	case "Type":
		return ref{plain: &l.Type}
	case "Number":
		return ref{hidden: &l.Number.secret}
	case "Verification":
		return ref{hidden: &l.Verification.secret}
	}
	return l.Common.attr(name)
}

func (l *Loyalty) child(name string, k int) node {
	switch name {
	case "ExpDate":
		return only(l.ExpDate, k)
	case "ValidDate":
		return only(l.ValidDate, k)
	}
	return nil
}

func (l *Loyalty) add(name string) node {
	switch name {
	case "ExpDate":
		return single(&l.ExpDate)
	case "ValidDate":
		return single(&l.ValidDate)
	}
	return nil
}

func (m *Merchant) child(name string, k int) node {
	if name == "Terminal" {
		return only(m.Terminal, k)
	}
	return nil
}

func (m *Merchant) add(name string) node {
	if name == "Terminal" {
		return single(&m.Terminal)
	}
	return nil
}

func (t *Terminal) attr(name string) ref {
	if name == "Data" {
		return ref{plain: &t.Data}
	}
	return t.Common.attr(name)
}

func (t *Transaction) attr(name string) ref {
	switch name {
	case "Amount":
		return ref{plain: &t.Amount}
	case "Currency":
		return ref{plain: &t.Currency}
	case "Type":
		return ref{plain: &t.Type}
	case "TransDate": // of forms only: the schema does not have it
		return ref{plain: &t.TransDate}
	}
	return t.Common.attr(name)
}

func (t *Transaction) child(name string, k int) node {
	switch name {
	case "Id":
		return pick(t.IDs, k)
	case "Code":
		return pick(t.Code, k)
	case "Date":
		return pick(t.Date, k)
	case "Data":
		return pick(t.Data, k)
	case "Inquiry":
		return pick(t.Inquiry, k)
	case "Signature":
		return pick(t.Signature, k)
	}
	return nil
}

func (t *Transaction) add(name string) node {
	switch name {
	case "Id":
		return extend(&t.IDs)
	case "Code":
		return extend(&t.Code)
	case "Date":
		return extend(&t.Date)
	case "Data":
		return extend(&t.Data)
	case "Inquiry":
		return extend(&t.Inquiry)
	case "Signature":
		return extend(&t.Signature)
	}
	return nil
}

func (i *TransactionID) attr(name string) ref {
	switch name {
	case "CID":
		return ref{plain: &i.CID}
	case "Reference":
		return ref{plain: &i.Reference}
	case "Acquire":
		return ref{plain: &i.Acquire}
	case "Forward":
		return ref{plain: &i.Forward}
	}
	return i.Common.attr(name)
}

func (c *TransactionCode) attr(name string) ref {
	switch name {
	case "Processing":
		return ref{plain: &c.Processing}
	case "Approval":
		return ref{plain: &c.Approval}
	case "Retrieval":
		return ref{plain: &c.Retrieval}
	case "Action":
		return ref{plain: &c.Action}
	case "Reason":
		return ref{plain: &c.Reason}
	case "POS":
		return ref{plain: &c.POS}
	}
	return c.Common.attr(name)
}

func (d *TransactionDates) child(name string, k int) node {
	switch name {
	case "Effective":
		return only(d.Effective, k)
	case "Settle":
		return only(d.Settle, k)
	case "Capture":
		return only(d.Capture, k)
	}
	return nil
}

func (d *TransactionDates) add(name string) node {
	switch name {
	case "Effective":
		return single(&d.Effective)
	case "Settle":
		return single(&d.Settle)
	case "Capture":
		return single(&d.Capture)
	}
	return nil
}

func (d *TransactionData) child(name string, k int) node {
	switch name {
	case "Trace":
		return pick(d.Trace, k)
	case "PrivateUse":
		return pick(d.PrivateUse, k)
	case "Response":
		return pick(d.Response, k)
	case "AAV":
		return pick(d.AAV, k)
	case "Track1":
		return pick(d.Track1, k)
	case "Track2":
		return pick(d.Track2, k)
	}
	return nil
}

func (d *TransactionData) add(name string) node {
	switch name {
	case "Trace":
		return extend(&d.Trace)
	case "PrivateUse":
		return extend(&d.PrivateUse)
	case "Response":
		return extend(&d.Response)
	case "AAV":
		return extend(&d.AAV)
	case "Track1":
		return extend(&d.Track1)
	case "Track2":
		return extend(&d.Track2)
	}
	return nil
}

func (t *TrackText) attr(name string) ref {
	if name == "" {
		return ref{hidden: &t.Value.secret}
	}
	return t.Common.attr(name)
}
