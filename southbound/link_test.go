package southbound

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestQuestionDuringStep: who asks for figures while a step is being made waits for
// askTime from its beginning at most, and the step is made.
func TestQuestionDuringStep(t *testing.T) { synctest.Test(t, questionDuringStep) }

func questionDuringStep(t *testing.T) {
	const stepLasts = stepTime - 10*time.Second
	server := NewServer(ServerOptions{Realise: func(form []byte) (Realised, error) {
		time.Sleep(stepLasts)
		return realise(form)
	}})
	here, there := net.Pipe()
	server.take(there)
	go server.manage(there)
	l, err := greet(here, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	x := stepOf(t, nil)
	x.Access = accessOf(accessForm{})
	wanted, err := settingsOf(&Version{Step: x})
	if err != nil {
		t.Fatal(err)
	}
	made := make(chan error)
	go func() {
		_, err := l.step(&step{Settings: wanted}, nil)
		made <- err
	}()
	synctest.Wait()
	for _, c := range []struct {
		after, waits time.Duration
		answered     bool
	}{
		{time.Second, askTime - time.Second, false},
		{0, 0, false},
		{time.Minute, 0, false},
		{stepLasts - askTime - time.Minute, 0, true},
	} {
		if time.Sleep(c.after); c.answered {
			if err := <-made; err != nil {
				t.Fatalf("the step: %v", err)
			}
		}
		begin := time.Now()
		told := l.ask(&ask{Server: true})
		if waited := time.Since(begin); waited != c.waits || (told != nil) != c.answered {
			t.Errorf("%+v: it has waited for %s, answered: %t", c, waited, told != nil)
		}
	}
}
