package main

import (
	"bufio"
	"strings"
	"text/tabwriter"

	"github.com/altoam/altoam/alto/client"
	"github.com/spf13/cobra"
)

// table writes rows in columns, aligned within each batch of rows so that a large answer
// needs no memory of its size.
type table struct {
	out   *bufio.Writer
	cells *tabwriter.Writer
	rows  int
}

const batch = 1000

func newTable(c *cobra.Command, head ...string) *table {
	t := &table{out: bufio.NewWriter(c.OutOrStdout())}
	t.cells = tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	t.row(head...)
	return t
}

// row writes one; what could change the look of others is taken out of the cells.
func (t *table) row(cells ...string) {
	for i, c := range cells {
		if c == "" {
			cells[i] = "-"
		} else {
			cells[i] = printable(c)
		}
	}
	_, _ = t.cells.Write([]byte(strings.Join(cells, "\t") + "\n"))
	if t.rows++; t.rows%batch == 0 {
		_ = t.cells.Flush()
	}
}

// end writes what is left; the error is that of any write.
func (t *table) end() error {
	if err := t.cells.Flush(); err != nil {
		return err
	}
	return t.out.Flush()
}

// printable takes control characters out of what a server sent.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// raw writes an answer as it came.
func (s *session) raw(c *cobra.Command, r *client.Response) error {
	if _, err := c.OutOrStdout().Write(r.Body); err != nil {
		return err
	}
	if n := len(r.Body); n > 0 && r.Body[n-1] == '\n' {
		return nil
	}
	_, err := c.OutOrStdout().Write([]byte{'\n'})
	return err
}
