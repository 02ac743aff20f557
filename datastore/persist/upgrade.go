package persist

import (
	"errors"
	"fmt"
	"strings"
)

// orderMark stood, in the first format, between an owner's key and a list name in the
// key of the record that kept the order of a list ordered by user.
const orderMark = "\x00"

// Upgrade1 turns the records of the first format into those of this one: the entries
// of lists ordered by user get their places, and the records that kept the order go.
func Upgrade1(records []Record) ([]Record, error) {
	index := make(map[string]int, len(records))
	var out, orders []Record
	for _, r := range records {
		if strings.Contains(r.Key, orderMark) {
			orders = append(orders, r)
			continue
		}
		index[r.Key] = len(out)
		out = append(out, r)
	}
	for _, o := range orders {
		if err := placeEntries(o, out, index); err != nil {
			return nil, fmt.Errorf("the order of %s: %w", strings.ReplaceAll(o.Key, orderMark, " "), err)
		}
	}
	return out, nil
}

// placeEntries gives the entries that the order record lists their places.
func placeEntries(order Record, out []Record, index map[string]int) error {
	owner, _, _ := strings.Cut(order.Key, orderMark)
	if owner == rootKey {
		owner = ""
	}
	previous := ""
	for b := order.Value; len(b) > 0; {
		entry, rest, err := cutText(b)
		if err != nil {
			return err
		}
		b = rest
		i, ok := index[entry]
		at := strings.IndexByte(strings.TrimPrefix(entry, owner), '[')
		if !ok || !strings.HasPrefix(entry, owner) || at < 0 {
			return errors.New("it names " + entry + ", which is not stored")
		}
		r := &out[i]
		r.Value = append(appendText([]byte{itemPrevious}, previous), r.Value...)
		previous = entry[len(owner)+at:]
	}
	return nil
}
