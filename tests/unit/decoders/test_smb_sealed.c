/* smb, sealed: what the lengths of encrypted messages tell (MS-SMB2, section 2.2.41), and what they must not. */
#include "test.h"

#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_smb;

enum { STEPS = 64 };

static struct wire wires[STEPS];
static struct trial_step steps[STEPS];
static size_t n_steps;

/* A transform header that says `length`, and as many bytes. */
static void sealed(enum toc_dir dir, unsigned length)
{
	struct wire *w = &wires[n_steps];
	w->n = 0;
	wire_be(w, 4, 52 + length);
	wire_bytes(w, "\xfdSMB", 4);
	wire_zeros(w, 32);
	wire_le(w, 4, length);
	wire_zeros(w, 12 + length);
	steps[n_steps++] = (struct trial_step){ .dir = dir, .bytes = w->b, .n = w->n };
}

static void exchange(unsigned asked, unsigned answered)
{
	sealed(TOC_ORIG, asked);
	sealed(TOC_RESP, answered);
}

/* Share, pipe of so many letters, bind of so many contexts with an answer that names its process in `address` bytes. */
static void open_pipe(unsigned letters, unsigned contexts, unsigned address)
{
	n_steps = 0;
	exchange(110, 80);
	exchange(120 + 2 * letters, 152);
	exchange(112 + 28 + 44 * contexts, 80);
	exchange(113, 80 + ((26 + address + 3) & ~3u) + 4 + 24 * contexts);
}

static void call(unsigned bytes, unsigned answer)
{
	exchange(112 + bytes, 80);
	exchange(113, 80 + answer);
}

static struct trial *play(void)
{
	struct trial *t = trial_new(&toc_decoder_smb, TOC_OVER_TCP, 445);
	for (size_t i = 0; i < n_steps; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_CLOSED);
	return t;
}

static unsigned count(struct trial *t)
{
	unsigned n = 0;
	for (unsigned e = 0; e < trial_events(t); e++)
		n += strcmp(trial_kind(t, e), "smb_sealed_rpc") == 0;
	return n;
}

static void samr(void **state)
{
	(void)state;
	for (unsigned contexts = 1; contexts <= 3; contexts++) {
		open_pipe(4, contexts, 12);
		call(60, 48);
		call(52, 132);
		call(52, 132);		      /* the same length again tells nothing new */
		exchange(120 + 76, 112 + 48); /* in one exchange, by FSCTL_PIPE_TRANSCEIVE */
		struct trial *t = play();
		assert_int_equal(count(t), 3);
		assert_string_equal(trial_value(t, 0, "pipe"), "\"samr\"");
		assert_string_equal(trial_value(t, 0, "call_bytes"), "60");
		assert_string_equal(trial_value(t, 2, "call_bytes"), "76");
		assert_string_equal(trial_value(t, 2, "number"), "4");
		trial_free(t);
		assert_true(trial_same_however_cut(&toc_decoder_smb, 445, steps, n_steps, 10));
	}
}

/* Other pipes have a name that lengths do not tell apart; calls go on until the pipe is closed. */
static void other_pipe(void **state)
{
	(void)state;
	open_pipe(6, 1, 12);
	call(100, 60);
	exchange(88, 124);
	call(200, 60);
	struct trial *t = play();
	assert_int_equal(count(t), 1);
	assert_null(trial_value(t, 0, "pipe"));
	assert_string_equal(trial_value(t, 0, "letters"), "6");
	trial_free(t);
	open_pipe(4, 1, 40); /* four letters, and a process that no pipe of the accounts has */
	call(60, 48);
	t = play();
	assert_int_equal(count(t), 1);
	assert_null(trial_value(t, 0, "pipe"));
	trial_free(t);
}

/* Files: opened with a name of four letters, read and written, never bound. */
static void files(void **state)
{
	(void)state;
	n_steps = 0;
	exchange(128, 152);
	for (unsigned i = 0; i < 8; i++)
		exchange(112 + 1000 + i, 80);
	exchange(113, 80 + 500);
	struct trial *t = play();
	assert_int_equal(count(t), 0);
	trial_free(t);
}

/* An answer that says "not yet" is none; a message without a length neither. */
static void not_yet(void **state)
{
	(void)state;
	open_pipe(4, 1, 12);
	exchange(120 + 60, 73);
	sealed(TOC_RESP, 112 + 48);
	sealed(TOC_RESP, 112 + 48);
	struct trial *t = play();
	assert_int_equal(count(t), 1);
	assert_string_equal(trial_value(t, 0, "call_bytes"), "60");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(samr), cmocka_unit_test(other_pipe),
					    cmocka_unit_test(files), cmocka_unit_test(not_yet) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
