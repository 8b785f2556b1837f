/* smb1: SMB 1 by hand (MS-CIFS, section 2.2.4): AndX chains, files, rename, delete, pipes, both alphabets. */
#include "test.h"

#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_smb;

enum {
	DELETE = 0x06,
	RENAME = 0x07,
	CLOSE = 0x04,
	TRANSACTION = 0x25,
	READ = 0x2e,
	WRITE = 0x2f,
	TRANS2 = 0x32,
	TREE = 0x75,
	CREATE = 0xa2
};

struct talk {
	struct wire w[24];
	struct trial_step steps[24];
	size_t n;
	bool unicode;
};

static struct wire *begin(struct talk *k, unsigned command, bool reply, unsigned mid, uint32_t status)
{
	struct wire *w = &k->w[k->n];
	w->n = 0;
	wire_zeros(w, 4);
	wire_bytes(w, "\xffSMB", 4);
	wire_le(w, 1, command);
	wire_le(w, 4, status);
	wire_le(w, 1, reply ? 0x80 : 0);
	wire_le(w, 2, k->unicode ? 0xc001 : 0x4001);
	wire_zeros(w, 12);
	wire_le(w, 2, 9);   /* tree */
	wire_le(w, 2, 100); /* process */
	wire_le(w, 2, 3);   /* user */
	wire_le(w, 2, mid);
	k->steps[k->n].dir = reply ? TOC_RESP : TOC_ORIG;
	return w;
}

static void end(struct talk *k)
{
	struct wire *w = &k->w[k->n];
	w->b[2] = (uint8_t)((w->n - 4) >> 8);
	w->b[3] = (uint8_t)(w->n - 4);
	k->steps[k->n].bytes = w->b;
	k->steps[k->n].n = w->n;
	k->n++;
}

/* A string at an even place of the message, with its zero. */
static void string(struct talk *k, struct wire *w, const char *s)
{
	if (!k->unicode) {
		wire_bytes(w, s, strlen(s) + 1);
		return;
	}
	wire_zeros(w, (w->n - 4) % 2);
	wire_utf16(w, s);
	wire_zeros(w, 2);
}

/* ByteCount stands where its two zeros were put. */
static void count_bytes(struct wire *w, size_t at)
{
	wire_put(w, at, 2, w->n - at - 2);
}

static void tree_connect(struct talk *k, const char *path, const char *service)
{
	struct wire *w = begin(k, TREE, false, 1, 0);
	wire_bytes(w, "\4\xff\0\0\0\0\0\1\0", 9);
	size_t at = w->n;
	wire_zeros(w, 3); /* ByteCount, a password of one byte */
	string(k, w, path);
	wire_bytes(w, "?????", 6);
	count_bytes(w, at);
	end(k);
	w = begin(k, TREE, true, 1, 0);
	wire_bytes(w, "\3\xff\0\0\0\1\0", 7);
	at = w->n;
	wire_zeros(w, 2);
	wire_bytes(w, service, strlen(service) + 1);
	string(k, w, "NTFS");
	count_bytes(w, at);
	end(k);
}

static void open_file(struct talk *k, unsigned mid, const char *name, unsigned fid, uint64_t size)
{
	struct wire *w = begin(k, CREATE, false, mid, 0);
	wire_bytes(w, "\x18\xff\0\0\0\0", 6);
	wire_le(w, 2, strlen(name) * (k->unicode ? 2 : 1));
	wire_zeros(w, 41);
	size_t at = w->n;
	wire_zeros(w, 2);
	string(k, w, name);
	count_bytes(w, at);
	end(k);
	w = begin(k, CREATE, true, mid, 0);
	wire_bytes(w, "\x22\xff\0\0\0\0", 6);
	wire_le(w, 2, fid);
	wire_le(w, 4, 1);
	for (unsigned i = 1; i <= 4; i++)
		wire_le(w, 8, UINT64_C(116444736000000000) + i * UINT64_C(10000000));
	wire_zeros(w, 12);
	wire_le(w, 8, size);
	wire_zeros(w, 5);
	wire_zeros(w, 2);
	end(k);
}

static void close_file(struct talk *k, unsigned mid, unsigned fid)
{
	struct wire *w = begin(k, CLOSE, false, mid, 0);
	wire_le(w, 1, 3);
	wire_le(w, 2, fid);
	wire_zeros(w, 6);
	end(k);
	w = begin(k, CLOSE, true, mid, 0);
	wire_zeros(w, 3);
	end(k);
}

static struct trial *play(const struct talk *k)
{
	struct trial *t = trial_new(&toc_decoder_smb, TOC_OVER_TCP, 445);
	for (size_t i = 0; i < k->n; i++)
		trial_feed(t, &k->steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_smb, 445, k->steps, k->n, 20));
	return t;
}

static unsigned find(struct trial *t, const char *kind, unsigned i)
{
	for (unsigned e = 0; e < trial_events(t); e++)
		if (strcmp(trial_kind(t, e), kind) == 0 && i-- == 0)
			return e;
	fail_msg("no %s in\n%s", kind, trial_text(t));
	return 0;
}

static void expect(struct trial *t, unsigned i, const char *field, const char *text)
{
	const char *got = trial_value(t, i, field);
	if (!text) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
}

static struct talk talk; /* large */

static void reset(bool unicode)
{
	talk.n = 0;
	talk.unicode = unicode;
}

static void files(void **state)
{
	(void)state;
	for (unsigned unicode = 0; unicode < 2; unicode++) {
		reset(unicode);
		tree_connect(&talk, "\\\\OLD\\C$", "A:");
		open_file(&talk, 2, "\\WIN\\a.ini", 0x4001, 5);
		struct wire *w = begin(&talk, READ, false, 3, 0);
		wire_bytes(w, "\x0c\xff\0\0\0", 5);
		wire_le(w, 2, 0x4001);
		wire_le(w, 4, 0);
		wire_le(w, 2, 100);
		wire_zeros(w, 12);
		wire_zeros(w, 2);
		end(&talk);
		w = begin(&talk, READ, true, 3, 0);
		wire_bytes(w, "\x0c\xff\0\0\0\0\0\0\0\0\0", 11);
		wire_le(w, 2, 5);
		wire_le(w, 2, 60);
		wire_zeros(w, 10);
		wire_le(w, 2, 6);
		wire_bytes(w, "\0hello", 6);
		end(&talk);
		w = begin(&talk, WRITE, false, 4, 0);
		wire_bytes(w, "\x0e\xff\0\0\0", 5);
		wire_le(w, 2, 0x4001);
		wire_zeros(w, 12); /* offset, timeout, mode, remaining */
		wire_le(w, 2, 0);
		wire_le(w, 2, 4);
		wire_le(w, 2, 64);
		wire_zeros(w, 4);
		wire_le(w, 2, 5);
		wire_bytes(w, "\0data", 5);
		end(&talk);
		w = begin(&talk, WRITE, true, 4, 0);
		wire_bytes(w, "\6\xff\0\0\0\4\0\0\0\0\0\0\0\0\0", 15);
		end(&talk);
		close_file(&talk, 5, 0x4001);
		struct trial *t = play(&talk);
		unsigned e = find(t, "smb_mapping", 0);
		expect(t, e, "path", "\"\\\\\\\\OLD\\\\C$\"");
		expect(t, e, "service", "\"A:\"");
		expect(t, e, "native_file_system", "\"NTFS\"");
		expect(t, e, "share_type", "\"DISK\"");
		e = find(t, "smb_files", 0);
		expect(t, e, "name", "\"\\\\WIN\\\\a.ini\"");
		expect(t, e, "size", "5");
		expect(t, e, "times.modified", "3.000000");
		e = find(t, "file_op", 0);
		expect(t, e, "op", "\"write\"");
		expect(t, e, "bytes_read", "5");
		expect(t, e, "bytes_written", "4");
		assert_non_null(strstr(trial_text(t), "resp SMB name=\\WIN\\a.ini seen=5 missing=0"));
		assert_non_null(strstr(trial_text(t), "orig SMB name=\\WIN\\a.ini seen=4 missing=0"));
		trial_free(t);
	}
}

static void by_name(void **state)
{
	(void)state;
	reset(true);
	tree_connect(&talk, "\\\\OLD\\C$", "A:");
	struct wire *w = begin(&talk, RENAME, false, 2, 0);
	wire_bytes(w, "\1\0\0", 3);
	size_t at = w->n;
	wire_zeros(w, 2);
	wire_bytes(w, "\4", 1);
	string(&talk, w, "\\a.txt");
	wire_bytes(w, "\4", 1);
	string(&talk, w, "\\a.enc");
	count_bytes(w, at);
	end(&talk);
	w = begin(&talk, RENAME, true, 2, 0);
	wire_zeros(w, 3);
	end(&talk);
	for (unsigned i = 0; i < 2; i++) { /* refused, then done */
		w = begin(&talk, DELETE, false, 3 + i, 0);
		wire_bytes(w, "\1\0\0", 3);
		at = w->n;
		wire_zeros(w, 2);
		wire_bytes(w, "\4", 1);
		string(&talk, w, "\\b.txt");
		count_bytes(w, at);
		end(&talk);
		w = begin(&talk, DELETE, true, 3 + i, i ? 0 : 0xc0000022);
		wire_zeros(w, 3);
		end(&talk);
	}
	struct trial *t = play(&talk);
	unsigned e = find(t, "smb_files", 0);
	expect(t, e, "action", "\"SMB::FILE_RENAME\"");
	expect(t, e, "prev_name", "\"\\\\a.txt\"");
	expect(t, e, "name", "\"\\\\a.enc\"");
	e = find(t, "smb_files", 1);
	expect(t, e, "action", "\"SMB::FILE_DELETE\"");
	expect(t, e, "path", "\"\\\\\\\\OLD\\\\C$\"");
	assert_int_equal(trial_events(t), 5); /* mapping, and two of each */
	trial_free(t);
}

/* SET_FILE_INFORMATION (TRANS2, 2.2.6.9), and a call in a transaction on a pipe. */
static void transactions(void **state)
{
	(void)state;
	static const uint8_t bind[] = { 5,    0,    11,	  3,	0x10, 0,    0,	  0,	72,   0,    0,	  0,
					1,    0,    0,	  0,	0xb8, 0x10, 0xb8, 0x10, 0,    0,    0,	  0,
					1,    0,    0,	  0,	0,    0,    1,	  0,	0x78, 0x57, 0x34, 0x12,
					0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xac,
					1,    0,    0,	  0,	4,    0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
					0x9f, 0xe8, 8,	  0,	0x2b, 0x10, 0x48, 0x60, 2,    0,    0,	  0 };
	static const uint8_t call[] = { 5, 0, 0, 3, 0x10, 0, 0, 0, 24, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	reset(true);
	tree_connect(&talk, "\\\\OLD\\IPC$", "IPC");
	open_file(&talk, 2, "\\samr", 0x4002, 0);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *p = i ? call : bind;
		size_t n = i ? sizeof(call) : sizeof(bind);
		struct wire *w = begin(&talk, TRANSACTION, false, 3 + i, 0);
		wire_le(w, 1, 16);
		wire_le(w, 2, 0);
		wire_le(w, 2, n);
		wire_zeros(w, 14);
		wire_le(w, 2, 0);
		wire_le(w, 2, 84);
		wire_le(w, 2, n);
		wire_le(w, 2, 84);
		wire_le(w, 2, 2);
		wire_le(w, 2, 0x26);
		wire_le(w, 2, 0x4002);
		size_t at = w->n;
		wire_zeros(w, 2);
		wire_zeros(w, 84 + 4 - w->n);
		wire_bytes(w, p, n);
		count_bytes(w, at);
		end(&talk);
	}
	struct trial *t = play(&talk);
	unsigned e = find(t, "smb_mapping", 0);
	expect(t, e, "share_type", "\"PIPE\"");
	expect(t, find(t, "smb_files", 0), "name", "\"\\\\samr\""); /* Zeek tells pipes of SMB 1 so */
	e = find(t, "dce_rpc", 0);
	expect(t, e, "endpoint", "\"samr\"");
	expect(t, e, "operation", "\"SamrConnect\"");
	trial_free(t);
}

static void set_file_information(void **state)
{
	(void)state;
	reset(true);
	tree_connect(&talk, "\\\\OLD\\C$", "A:");
	open_file(&talk, 2, "\\x.txt", 0x4003, 5);
	struct wire *w = begin(&talk, TRANS2, false, 3, 0);
	wire_le(w, 1, 15);
	wire_zeros(w, 18);
	wire_le(w, 2, 6); /* parameters */
	wire_le(w, 2, 68);
	wire_le(w, 2, 1); /* data */
	wire_le(w, 2, 76);
	wire_le(w, 2, 1);
	wire_le(w, 2, 8);
	size_t at = w->n;
	wire_zeros(w, 2);
	wire_zeros(w, 68 + 4 - w->n);
	wire_le(w, 2, 0x4003);
	wire_le(w, 2, 0x102);
	wire_zeros(w, 4);
	wire_le(w, 1, 1);
	count_bytes(w, at);
	end(&talk);
	w = begin(&talk, TRANS2, true, 3, 0);
	wire_le(w, 1, 10);
	wire_zeros(w, 22);
	end(&talk);
	struct trial *t = play(&talk);
	expect(t, find(t, "smb_files", 1), "action", "\"SMB::FILE_DELETE\"");
	expect(t, find(t, "file_op", 0), "op", "\"delete\"");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(by_name),
		cmocka_unit_test(transactions),
		cmocka_unit_test(set_file_information),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
