package alto

import "testing"

func TestPropertyMapWithin(t *testing.T) {
	m := properties(t, `ipv4 192.0.2.0/24 a=1 b=2`, `ipv6 ::1 a=3`, `.ane x c=4`)
	for _, tt := range []struct {
		name     string
		mappings []Mapping
		want     string
	}{
		{"all and more", []Mapping{{"ipv4", []string{"b", "a", "z"}}, {"ipv6", []string{"a"}}, {".ane", []string{"c"}}, {"pid", []string{"a"}}}, string(m.encoded())},
		{"one property", []Mapping{{"ipv4", []string{"b"}}}, `"property-map":{"ipv4:192.0.2.0/24":{"b":2}}}`},
		{"another domain", []Mapping{{".ane", []string{"c", "a"}}}, `"property-map":{".ane:x":{"c":4}}}`},
		{"nothing", []Mapping{{"ipv4", []string{"c"}}}, `"property-map":{}}`},
	} {
		got, err := m.Within(tt.mappings)
		if err != nil {
			t.Fatal(err)
		}
		if string(got.encoded()) != tt.want || (got == m) != (tt.name == "all and more") {
			t.Errorf("%s: %s", tt.name, got.encoded())
		}
	}
}
