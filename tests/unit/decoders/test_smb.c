/* smb: SMB 2 by hand (MS-SMB2, section 2.2): shares, files, content, pipes, compounds, losses, caps. */
#include "test.h"

#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_smb;

enum { NEGOTIATE, SESSION_SETUP, TREE_CONNECT = 3, CREATE = 5, CLOSE, READ = 8, WRITE, IOCTL = 11, SET_INFO = 17 };

/* A conversation: messages of either side, one step each. */
struct talk {
	struct wire w[40];
	struct trial_step steps[40];
	size_t n;
};

static struct wire *begin(struct talk *k, enum toc_dir dir)
{
	struct wire *w = &k->w[k->n];
	w->n = 0;
	wire_zeros(w, 4);
	k->steps[k->n].dir = dir;
	return w;
}

/* The length in front (RFC 1002, section 4.3.1), now that it is known. */
static void end(struct talk *k)
{
	struct wire *w = &k->w[k->n];
	w->b[1] = (uint8_t)((w->n - 4) >> 16);
	w->b[2] = (uint8_t)((w->n - 4) >> 8);
	w->b[3] = (uint8_t)(w->n - 4);
	k->steps[k->n].bytes = w->b;
	k->steps[k->n].n = w->n;
	k->n++;
}

static void header(struct wire *w, unsigned command, bool reply, uint64_t id, uint32_t status)
{
	wire_bytes(w, "\xfeSMB", 4);
	wire_le(w, 2, 64);
	wire_le(w, 2, 1);
	wire_le(w, 4, status);
	wire_le(w, 2, command);
	wire_le(w, 2, 1);
	wire_le(w, 4, reply);
	wire_le(w, 4, 0); /* NextCommand */
	wire_le(w, 8, id);
	wire_le(w, 4, 0xfeff);
	wire_le(w, 4, 5);  /* tree */
	wire_le(w, 8, 77); /* session */
	wire_zeros(w, 16);
}

static void file_id(struct wire *w, uint64_t id)
{
	wire_le(w, 8, id);
	wire_le(w, 8, id == UINT64_MAX ? UINT64_MAX : id + 1000);
}

static void tree_connect(struct talk *k, const char *path, unsigned type)
{
	struct wire *w = begin(k, TOC_ORIG);
	header(w, TREE_CONNECT, false, 1, 0);
	wire_le(w, 2, 9);
	wire_le(w, 2, 0);
	wire_le(w, 2, 72);
	wire_le(w, 2, 2 * strlen(path));
	wire_utf16(w, path);
	end(k);
	w = begin(k, TOC_RESP);
	header(w, TREE_CONNECT, true, 1, 0);
	wire_le(w, 2, 16);
	wire_le(w, 1, type);
	wire_zeros(w, 13);
	end(k);
}

static void create_request(struct wire *w, uint64_t id, const char *name, uint32_t options)
{
	header(w, CREATE, false, id, 0);
	wire_le(w, 2, 57);
	wire_zeros(w, 2 + 4 + 8 + 8 + 4 + 4 + 4 + 4);
	wire_le(w, 4, options);
	wire_le(w, 2, 120);
	wire_le(w, 2, 2 * strlen(name));
	wire_zeros(w, 8);
	wire_utf16(w, name);
	wire_zeros(w, (8 - w->n % 8 + 4) % 8); /* compounds are aligned to 8, behind the 4 in front */
}

static void create_reply(struct wire *w, uint64_t id, uint64_t file, uint64_t size, uint32_t action)
{
	header(w, CREATE, true, id, 0);
	wire_le(w, 2, 89);
	wire_zeros(w, 2);
	wire_le(w, 4, action);
	for (unsigned i = 1; i <= 4; i++) /* created, accessed, modified, changed: 1970-01-01 and i seconds */
		wire_le(w, 8, UINT64_C(116444736000000000) + i * UINT64_C(10000000));
	wire_le(w, 8, size);
	wire_le(w, 8, size);
	wire_zeros(w, 8);
	file_id(w, file);
	wire_zeros(w, 8);
}

static void open_file(struct talk *k, uint64_t id, const char *name, uint64_t file, uint64_t size)
{
	create_request(begin(k, TOC_ORIG), id, name, 0);
	end(k);
	create_reply(begin(k, TOC_RESP), id, file, size, size ? 1 : 2);
	end(k);
}

static void close_request(struct wire *w, uint64_t id, uint64_t file)
{
	header(w, CLOSE, false, id, 0);
	wire_le(w, 2, 24);
	wire_zeros(w, 6);
	file_id(w, file);
}

static void close_reply(struct wire *w, uint64_t id)
{
	header(w, CLOSE, true, id, 0);
	wire_le(w, 2, 60);
	wire_zeros(w, 58);
}

static void close_file(struct talk *k, uint64_t id, uint64_t file)
{
	close_request(begin(k, TOC_ORIG), id, file);
	end(k);
	close_reply(begin(k, TOC_RESP), id);
	end(k);
}

static void read_request(struct talk *k, uint64_t id, uint64_t file, uint64_t offset)
{
	struct wire *w = begin(k, TOC_ORIG);
	header(w, READ, false, id, 0);
	wire_le(w, 2, 49);
	wire_zeros(w, 2);
	wire_le(w, 4, 65536);
	wire_le(w, 8, offset);
	file_id(w, file);
	wire_zeros(w, 17);
	end(k);
}

static void read_answer(struct talk *k, uint64_t id, const void *p, size_t n, uint32_t status)
{
	struct wire *w = begin(k, TOC_RESP);
	header(w, READ, true, id, status);
	wire_le(w, 2, 17);
	wire_le(w, 1, 80);
	wire_zeros(w, 1);
	wire_le(w, 4, n);
	wire_zeros(w, 8);
	wire_bytes(w, p, n);
	end(k);
}

static void read_file(struct talk *k, uint64_t id, uint64_t file, uint64_t offset, const void *p, size_t n,
		      uint32_t status)
{
	read_request(k, id, file, offset);
	read_answer(k, id, p, n, status);
}

static void write_file(struct talk *k, uint64_t id, uint64_t file, uint64_t offset, const void *p, size_t n)
{
	struct wire *w = begin(k, TOC_ORIG);
	header(w, WRITE, false, id, 0);
	wire_le(w, 2, 49);
	wire_le(w, 2, 112);
	wire_le(w, 4, n);
	wire_le(w, 8, offset);
	file_id(w, file);
	wire_zeros(w, 16);
	wire_bytes(w, p, n);
	end(k);
	w = begin(k, TOC_RESP);
	header(w, WRITE, true, id, 0);
	wire_le(w, 2, 17);
	wire_zeros(w, 2);
	wire_le(w, 4, n);
	wire_zeros(w, 8);
	end(k);
}

static void set_info_request(struct wire *w, uint64_t id, uint64_t file, unsigned class, const struct wire *info)
{
	header(w, SET_INFO, false, id, 0);
	wire_le(w, 2, 33);
	wire_le(w, 1, 1);
	wire_le(w, 1, class);
	wire_le(w, 4, info->n);
	wire_le(w, 2, 96);
	wire_zeros(w, 6);
	file_id(w, file);
	wire_bytes(w, info->b, info->n);
	wire_zeros(w, (8 - w->n % 8 + 4) % 8);
}

static void set_info_reply(struct wire *w, uint64_t id, uint32_t status)
{
	header(w, SET_INFO, true, id, status);
	wire_le(w, 2, 2);
	wire_zeros(w, 6);
}

static void set_info(struct talk *k, uint64_t id, uint64_t file, unsigned class, const struct wire *info,
		     uint32_t status)
{
	set_info_request(begin(k, TOC_ORIG), id, file, class, info);
	end(k);
	set_info_reply(begin(k, TOC_RESP), id, status);
	end(k);
}

static void rename_info(struct wire *info, const char *name)
{
	info->n = 0;
	wire_zeros(info, 16);
	wire_le(info, 4, 2 * strlen(name));
	wire_utf16(info, name);
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

/* The i-th event of a kind. */
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

static unsigned count(struct trial *t, const char *kind)
{
	unsigned n = 0;
	for (unsigned e = 0; e < trial_events(t); e++)
		n += strcmp(trial_kind(t, e), kind) == 0;
	return n;
}

static struct talk talk; /* large */

static void reset(void)
{
	talk.n = 0;
}

static void read_and_written(void **state)
{
	(void)state;
	reset();
	tree_connect(&talk, "\\\\files\\teachers", 1);
	open_file(&talk, 2, "plans\\Week 7.DOCX", 70, 11);
	read_file(&talk, 3, 70, 0, "hello ", 6, 0);
	read_file(&talk, 4, 70, 6, "world", 5, 0);
	read_file(&talk, 5, 70, 11, "", 0, 0xc0000011); /* end of file */
	close_file(&talk, 6, 70);
	open_file(&talk, 7, "plans\\new.txt", 71, 0);
	write_file(&talk, 8, 71, 0, "abc", 3);
	write_file(&talk, 9, 71, 5, "fgh", 3); /* two bytes were never written */
	close_file(&talk, 10, 71);
	struct trial *t = play(&talk);
	unsigned e = find(t, "smb_mapping", 0);
	expect(t, e, "path", "\"\\\\\\\\files\\\\teachers\"");
	expect(t, e, "share_type", "\"DISK\"");
	e = find(t, "smb_files", 0);
	expect(t, e, "action", "\"SMB::FILE_OPEN\"");
	expect(t, e, "name", "\"plans\\\\Week 7.DOCX\"");
	expect(t, e, "size", "11");
	expect(t, e, "times.created", "1.000000");
	expect(t, e, "times.accessed", "2.000000");
	expect(t, e, "times.modified", "3.000000");
	expect(t, e, "times.changed", "4.000000");
	e = find(t, "file_op", 0);
	expect(t, e, "op", "\"read\"");
	expect(t, e, "share", "\"\\\\\\\\files\\\\teachers\"");
	expect(t, e, "dir", "\"plans\"");
	expect(t, e, "name", "\"Week 7.DOCX\"");
	expect(t, e, "ext", "\"docx\"");
	expect(t, e, "reads", "2");
	expect(t, e, "bytes_read", "11");
	e = find(t, "file_op", 1);
	expect(t, e, "op", "\"write\"");
	expect(t, e, "writes", "2");
	expect(t, e, "bytes_written", "6");
	assert_non_null(strstr(trial_text(t), "resp SMB name=plans\\Week 7.DOCX seen=11 missing=0"));
	assert_non_null(strstr(trial_text(t), "orig SMB name=plans\\new.txt seen=6 missing=2"));
	trial_free(t);
}

static void renamed_and_deleted(void **state)
{
	(void)state;
	struct wire info = { .n = 0 }, yes = { .n = 0 };
	reset();
	wire_le(&yes, 1, 1);
	tree_connect(&talk, "\\\\files\\s", 1);
	open_file(&talk, 2, "a\\photo.jpg", 70, 5);
	rename_info(&info, "a\\photo.jpg.locked");
	set_info(&talk, 3, 70, 10, &info, 0);
	set_info(&talk, 4, 70, 13, &yes, 0xc0000022); /* access denied: it is still there */
	close_file(&talk, 5, 70);
	open_file(&talk, 6, "b.txt", 71, 5);
	set_info(&talk, 7, 71, 13, &yes, 0);
	close_file(&talk, 8, 71);
	struct trial *t = play(&talk);
	unsigned e = find(t, "smb_files", 1);
	expect(t, e, "action", "\"SMB::FILE_RENAME\"");
	expect(t, e, "name", "\"a\\\\photo.jpg.locked\"");
	expect(t, e, "prev_name", "\"a\\\\photo.jpg\"");
	e = find(t, "file_op", 0);
	expect(t, e, "op", "\"rename\"");
	expect(t, e, "ext", "\"locked\"");
	expect(t, e, "prev_ext", "\"jpg\"");
	e = find(t, "smb_files", 3);
	expect(t, e, "action", "\"SMB::FILE_DELETE\"");
	expect(t, e, "name", "\"b.txt\"");
	assert_int_equal(count(t, "smb_files"), 4);
	assert_int_equal(count(t, "file_op"), 2);
	trial_free(t);
}

/* Open, delete and close in one message, the file named by its place in the chain (section 3.2.4.1.4). */
static void compound(void **state)
{
	(void)state;
	struct wire yes = { .n = 0 };
	size_t second, third;
	reset();
	wire_le(&yes, 1, 1);
	tree_connect(&talk, "\\\\files\\s", 1);
	struct wire *w = begin(&talk, TOC_ORIG);
	create_request(w, 2, "gone.txt", 0);
	second = w->n;
	wire_put(w, 4 + 20, 4, second - 4);
	set_info_request(w, 3, UINT64_MAX, 13, &yes);
	third = w->n;
	wire_put(w, second + 20, 4, third - second);
	close_request(w, 4, UINT64_MAX);
	end(&talk);
	w = begin(&talk, TOC_RESP);
	create_reply(w, 2, 90, 7, 1);
	second = w->n;
	wire_put(w, 4 + 20, 4, second - 4);
	set_info_reply(w, 3, 0);
	third = w->n;
	wire_put(w, second + 20, 4, third - second);
	close_reply(w, 4);
	end(&talk);
	struct trial *t = play(&talk);
	assert_int_equal(count(t, "smb_files"), 2);
	expect(t, find(t, "smb_files", 1), "action", "\"SMB::FILE_DELETE\"");
	expect(t, find(t, "smb_files", 1), "name", "\"gone.txt\"");
	trial_free(t);
}

static void deleted_on_close(void **state)
{
	(void)state;
	reset();
	tree_connect(&talk, "\\\\files\\s", 1);
	create_request(begin(&talk, TOC_ORIG), 2, "tmp", 0x1000);
	end(&talk);
	create_reply(begin(&talk, TOC_RESP), 2, 70, 0, 2);
	end(&talk);
	close_file(&talk, 3, 70);
	struct trial *t = play(&talk);
	expect(t, find(t, "smb_files", 1), "action", "\"SMB::FILE_DELETE\"");
	trial_free(t);
}

/* A bind and a call on a pipe, the second half of the call in a transceive. */
static void pipes(void **state)
{
	(void)state;
	static const uint8_t bind[] = { 5,    0,    11,	  3,	0x10, 0,    0,	  0,	72,   0,    0,	  0,
					1,    0,    0,	  0,	0xb8, 0x10, 0xb8, 0x10, 0,    0,    0,	  0,
					1,    0,    0,	  0,	0,    0,    1,	  0,	0x81, 0xbb, 0x7a, 0x36,
					0x44, 0x98, 0xf1, 0x35, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03,
					2,    0,    0,	  0,	4,    0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
					0x9f, 0xe8, 8,	  0,	0x2b, 0x10, 0x48, 0x60, 2,    0,    0,	  0 };
	static const uint8_t call[] = { 5, 0, 0, 3, 0x10, 0, 0,	 0, 32, 0, 0, 0, 2, 0, 0, 0,
					8, 0, 0, 0, 0,	  0, 12, 0, 1,	2, 3, 4, 5, 6, 7, 8 };
	static const uint8_t answer[] = { 5, 0, 2, 3, 0x10, 0, 0, 0, 28, 0, 0, 0, 2, 0,
					  0, 0, 4, 0, 0,    0, 0, 0, 0,	 0, 9, 9, 9, 9 };
	reset();
	tree_connect(&talk, "\\\\files\\IPC$", 2);
	open_file(&talk, 2, "svcctl", 70, 0);
	write_file(&talk, 3, 70, 0, bind, sizeof(bind));
	write_file(&talk, 4, 70, 0, call, 10);
	struct wire *w = begin(&talk, TOC_ORIG);
	header(w, IOCTL, false, 5, 0);
	wire_le(w, 2, 57);
	wire_zeros(w, 2);
	wire_le(w, 4, 0x0011c017);
	file_id(w, 70);
	wire_le(w, 4, 120);
	wire_le(w, 4, sizeof(call) - 10);
	wire_zeros(w, 24);
	wire_bytes(w, call + 10, sizeof(call) - 10);
	end(&talk);
	w = begin(&talk, TOC_RESP);
	header(w, IOCTL, true, 5, 0);
	wire_le(w, 2, 49);
	wire_zeros(w, 2);
	wire_le(w, 4, 0x0011c017);
	file_id(w, 70);
	wire_zeros(w, 8);
	wire_le(w, 4, 112);
	wire_le(w, 4, sizeof(answer));
	wire_zeros(w, 8);
	wire_bytes(w, answer, sizeof(answer));
	end(&talk);
	close_file(&talk, 6, 70);
	struct trial *t = play(&talk);
	unsigned e = find(t, "smb_pipe", 0);
	expect(t, e, "path", "\"\\\\\\\\files\\\\IPC$\"");
	expect(t, e, "name", "\"svcctl\"");
	e = find(t, "dce_rpc", 0);
	expect(t, e, "endpoint", "\"svcctl\"");
	expect(t, e, "operation", "\"CreateServiceW\"");
	assert_int_equal(count(t, "smb_files"), 0);
	trial_free(t);
}

/* Three reads asked for at once, whose answers come in another order, each with its own offset. */
static void reads_out_of_order(void **state)
{
	static const char text[] = "first part, second part, third part.";
	static const struct {
		unsigned id, offset, n;
	} asked[] = { { 3, 0, 12 }, { 4, 12, 13 }, { 5, 25, 11 } };
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 } };
	char bodies[4][160] = { "" };
	(void)state;
	for (unsigned o = 0; o < 4; o++) {
		reset();
		tree_connect(&talk, "\\\\files\\s", 1);
		open_file(&talk, 2, "a", 70, 36);
		for (unsigned i = 0; i < 3; i++)
			read_request(&talk, asked[i].id, 70, asked[i].offset);
		for (unsigned i = 0; i < 3; i++) {
			unsigned k = orders[o][i];
			read_answer(&talk, asked[k].id, text + asked[k].offset, asked[k].n, 0);
		}
		close_file(&talk, 6, 70);
		struct trial *t = play(&talk);
		const char *body = strstr(trial_text(t), "resp SMB name=a seen=36 missing=0");
		assert_non_null(body);
		snprintf(bodies[o], sizeof(bodies[o]), "%.*s", (int)strcspn(body, "\""), body);
		assert_string_equal(bodies[o], bodies[0]);
		trial_free(t);
	}
}

/* A hole in a file's content is a hole in the body; one that takes a header with it ends at the next header. */
static void losses(void **state)
{
	(void)state;
	char much[3000];
	reset();
	memset(much, 'x', sizeof(much));
	tree_connect(&talk, "\\\\files\\s", 1);
	open_file(&talk, 2, "big", 70, 3000);
	read_file(&talk, 3, 70, 0, much, sizeof(much), 0);
	struct trial_step *reply = &talk.steps[talk.n - 1];
	reply->n = 1000; /* 916 of the content; the next 1000 are lost */
	talk.steps[talk.n++] = (struct trial_step){ TOC_RESP, NULL, 1000 };
	talk.steps[talk.n++] =
		(struct trial_step){ TOC_RESP, (const uint8_t *)reply->bytes + 2000, 4 + 80 + 3000 - 2000 };
	close_file(&talk, 4, 70);
	struct trial *t = play(&talk);
	assert_non_null(strstr(trial_text(t), "resp SMB name=big seen=2000 missing=1000"));
	assert_int_equal(count(t, "file_op"), 1);
	trial_free(t);
	reset();
	tree_connect(&talk, "\\\\files\\s", 1);
	open_file(&talk, 2, "one", 70, 1);
	talk.steps[talk.n++] = (struct trial_step){ TOC_ORIG, NULL, 77 };
	talk.steps[talk.n++] = (struct trial_step){ TOC_ORIG, "end of something", 16 };
	open_file(&talk, 9, "two", 71, 1);
	t = play(&talk);
	expect(t, find(t, "smb_files", 1), "name", "\"two\"");
	trial_free(t);
}

/* Only one side was captured, or both begin in the middle. */
static void one_sided(void **state)
{
	(void)state;
	reset();
	tree_connect(&talk, "\\\\files\\s", 1);
	open_file(&talk, 2, "one", 70, 1);
	for (unsigned dir = 0; dir < 2; dir++) {
		struct trial *t = trial_new(&toc_decoder_smb, TOC_OVER_TCP, 445);
		for (size_t i = 0; i < talk.n; i++)
			if (talk.steps[i].dir == (enum toc_dir)dir)
				trial_feed(t, &talk.steps[i]);
		trial_end(t, TOC_END_TIMEOUT);
		assert_null(strstr(trial_text(t), "bad"));
		assert_int_equal(count(t, "smb_mapping"), dir);
		trial_free(t);
	}
}

static void encrypted(void **state)
{
	(void)state;
	reset();
	struct wire *w = begin(&talk, TOC_RESP);
	header(w, NEGOTIATE, true, 0, 0);
	wire_le(w, 2, 65);
	wire_zeros(w, 2);
	wire_le(w, 2, 0x0311);
	wire_zeros(w, 60);
	end(&talk);
	for (unsigned i = 0; i < 3; i++) {
		w = begin(&talk, TOC_ORIG);
		wire_bytes(w, "\xfdSMB", 4);
		wire_zeros(w, 200);
		end(&talk);
	}
	struct trial *t = play(&talk);
	unsigned e = find(t, "smb_session", 0);
	expect(t, e, "dialect", "\"3.1.1\"");
	expect(t, e, "encrypted", "3");
	assert_int_equal(trial_events(t), 1);
	trial_free(t);
}

/* A client that goes away once the server has said which mechanisms it has (MS-SMB2, 2.2.4; RFC 4178, section 4.2.1).
 */
static void negotiated(void **state)
{
	(void)state;
	static const char hello[] = "\x60\x1c\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x12\x30\x10\xa0\x0e\x30\x0c"
				    "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
	reset();
	struct wire *w = begin(&talk, TOC_RESP);
	header(w, NEGOTIATE, true, 0, 0);
	wire_le(w, 2, 65);
	wire_zeros(w, 2);
	wire_le(w, 2, 0x0302);
	wire_zeros(w, 50);
	wire_le(w, 2, 64 + 64);
	wire_le(w, 2, sizeof(hello) - 1);
	wire_zeros(w, 4);
	wire_bytes(w, hello, sizeof(hello) - 1);
	end(&talk);
	struct trial *t = play(&talk);
	assert_non_null(strstr(trial_text(t), "{\"confirm\":\"gssapi\"}"));
	trial_free(t);
}

/* More files than a flow may have: the ones left alone longest are told of as they go. */
static void many_files(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_smb, TOC_OVER_TCP, 445);
	reset();
	tree_connect(&talk, "\\\\files\\s", 1);
	for (unsigned i = 0; i < 300; i++) {
		char name[16];
		sprintf(name, "f%u.txt", i);
		create_request(begin(&talk, TOC_ORIG), 10 + i, name, 0);
		end(&talk);
		create_reply(begin(&talk, TOC_RESP), 10 + i, 100 + i, 0, 2);
		end(&talk);
		for (size_t k = 0; k < talk.n; k++)
			trial_feed(t, &talk.steps[k]);
		reset();
	}
	assert_int_equal(count(t, "smb_files"), 300);
	assert_in_range(count(t, "file_op"), 150, 200);
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(count(t, "file_op"), 300);
	expect(t, find(t, "smb_files", 299), "path", "\"\\\\\\\\files\\\\s\""); /* the tree was in use and stayed */
	trial_free(t);
}

static void not_smb(void **state)
{
	(void)state;
	static const char other[] = "\0\0\0\x40xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, other) };
	char *text = trial_run(&toc_decoder_smb, TOC_OVER_TCP, 80, steps, 1);
	assert_string_equal(text, "{\"bad\":\"smb\"}\n");
	free(text);
	assert_int_equal(toc_decoder_smb.probe(toc_span_of("\0\0\0\x55\xffSMB", 8), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_smb.probe(toc_span_of("\0\0\0", 3), TOC_ORIG, true), TOC_MAYBE);
	assert_int_equal(toc_decoder_smb.probe(toc_span_of("GET /", 5), TOC_ORIG, false), TOC_NO);
	assert_int_equal(toc_decoder_smb.probe(toc_span_of("\x81\0\0\x44 CKFD", 9), TOC_ORIG, true), TOC_YES);
}

/* The capture began within a message of the client: on SMB's port the server's answer decides. */
static void midstream(void **state)
{
	(void)state;
	reset();
	talk.steps[talk.n++] = (struct trial_step){ TOC_ORIG, "the end of a large write that began before", 42 };
	assert_int_equal(toc_decoder_smb.probe(toc_span_of("the end of", 10), TOC_ORIG, true), TOC_MAYBE);
	tree_connect(&talk, "\\\\files\\s", 1);
	open_file(&talk, 2, "one", 70, 1);
	struct trial *t = play(&talk);
	expect(t, find(t, "smb_files", 0), "name", "\"one\"");
	assert_null(strstr(trial_text(t), "weird"));
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_and_written),
		cmocka_unit_test(renamed_and_deleted),
		cmocka_unit_test(compound),
		cmocka_unit_test(deleted_on_close),
		cmocka_unit_test(pipes),
		cmocka_unit_test(reads_out_of_order),
		cmocka_unit_test(losses),
		cmocka_unit_test(one_sided),
		cmocka_unit_test(encrypted),
		cmocka_unit_test(negotiated),
		cmocka_unit_test(many_files),
		cmocka_unit_test(not_smb),
		cmocka_unit_test(midstream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
