package sqljournal

import (
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// The values of the journal's columns are of four kinds, whose binary form in
// the protocol of PostgreSQL is plain.

// binaryFormat asks for the binary form of all values of a statement.
var binaryFormat = []int16{1}

// encode writes a statement's values in binary form.
func encode(description *pgconn.StatementDescription, values []any) ([][]byte, error) {
	if len(values) != len(description.ParamOIDs) {
		return nil, fmt.Errorf("sqljournal: %d values for %d parameters: %s", len(values), len(description.ParamOIDs), description.SQL)
	}
	out := make([][]byte, len(values))
	numbers := make([]byte, 0, 8*len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil:
		case string:
			out[i] = []byte(v)
		case []byte:
			out[i] = v
		case int64:
			from := len(numbers)
			numbers = appendNumber(numbers, description.ParamOIDs[i], v)
			out[i] = numbers[from:]
		default:
			return nil, fmt.Errorf("sqljournal: %T is no value of a column", v)
		}
	}
	return out, nil
}

func appendNumber(to []byte, oid uint32, n int64) []byte {
	switch oid {
	case pgtype.Int2OID:
		return binary.BigEndian.AppendUint16(to, uint16(n))
	case pgtype.Int4OID:
		return binary.BigEndian.AppendUint32(to, uint32(n))
	}
	return binary.BigEndian.AppendUint64(to, uint64(n))
}

// decode reads a column's value from its binary form; octets are those of the
// message and do not outlive it.
func decode(oid uint32, from []byte) (any, error) {
	if from == nil {
		return nil, nil //nolint:nilnil // NULL
	}
	switch {
	case oid == pgtype.ByteaOID:
		return from, nil
	case oid == pgtype.TextOID:
		return string(from), nil
	case oid == pgtype.BoolOID && len(from) == 1:
		return from[0] != 0, nil
	case oid == pgtype.Int8OID && len(from) == 8:
		return int64(binary.BigEndian.Uint64(from)), nil
	case oid == pgtype.Int4OID && len(from) == 4:
		return int64(int32(binary.BigEndian.Uint32(from))), nil
	case oid == pgtype.Int2OID && len(from) == 2:
		return int64(int16(binary.BigEndian.Uint16(from))), nil
	}
	return nil, fmt.Errorf("sqljournal: a column of type %d with %d octets", oid, len(from))
}
