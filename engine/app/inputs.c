/* inputs - telling captures from logs, and opening both. */
#define _GNU_SOURCE
#include "app/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "base/log.h"
#include "receive/journal_export.h"

enum input_kind { INPUT_CAPTURE, INPUT_LINES, INPUT_EVENTS, INPUT_NEITHER, INPUT_EMPTY };

/* First bytes of pcap (µs, ns; both byte orders; also the modified format) and pcapng. */
static const uint8_t magics[][4] = { { 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xc3, 0xd4 }, { 0x4d, 0x3c, 0xb2, 0xa1 },
				     { 0xa1, 0xb2, 0x3c, 0x4d }, { 0x34, 0xcd, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xcd, 0x34 },
				     { 0x0a, 0x0d, 0x0d, 0x0a } };

static enum input_kind kind_of(const uint8_t *p, size_t n)
{
	if (n == 0)
		return INPUT_EMPTY;
	for (size_t i = 0; n >= 4 && i < sizeof(magics) / sizeof(magics[0]); i++)
		if (memcmp(p, magics[i], 4) == 0)
			return INPUT_CAPTURE;
	if (toc_records_begin(toc_span_of(p, n)))
		return INPUT_EVENTS;
	if (journal_export_begins(toc_span_of(p, n)))
		return INPUT_LINES; /* values that are no text and all */
	size_t odd = 0;
	for (size_t i = 0; i < n; i++)
		odd += p[i] < 0x20 && p[i] != '\n' && p[i] != '\r' && p[i] != '\t' && p[i] != 0x1b;
	return odd > n / 20 ? INPUT_NEITHER : INPUT_LINES; /* log lines may hold a few control bytes */
}

/* The first bytes without taking them: pread for files, tee(2) for pipes. -1: neither can be done. */
static ssize_t peek(int fd, uint8_t *out, size_t n)
{
	int copy[2];
	ssize_t got = pread(fd, out, n, 0);
	if (got < 0 && errno == ESPIPE) { /* what is unpacked comes by a socket */
		got = recv(fd, out, n, MSG_PEEK | MSG_WAITALL);
		errno = got < 0 && errno == ENOTSOCK ? ESPIPE : errno;
	}
	if (got >= 0 || errno != ESPIPE || pipe(copy) != 0)
		return got;
	got = tee(fd, copy[1], n, 0);
	close(copy[1]);
	if (got > 0)
		got = read(copy[0], out, (size_t)got);
	close(copy[0]);
	return got;
}

static int refuse(const char *path, const char *what)
{
	toc_error("%s: %s", path, what);
	return TOC_EXIT_FINDINGS;
}

static int cannot_open(const char *path)
{
	toc_error("%s: %s%s", path, strerror(errno),
		  errno == ENOENT   ? "; check the path"
		  : errno == EACCES ? "; it must be readable for this user"
				    : "");
	return TOC_EXIT_USAGE;
}

/* What is packed is unpacked on the way: fd becomes where it comes out. false: no memory. */
static bool unpack(struct toc_inputs *in, const char *path, int *fd, uint8_t *first, size_t room, ssize_t *n)
{
	struct toc_span head = toc_span_of(first, *n > 0 ? (size_t)*n : 0);
	if (!toc_unpack_format(head) || in->npacked == TOC_FEEDS)
		return true;
	struct toc_unpack *u = toc_unpack_start(*fd, head);
	if (!u)
		return false;
	in->packed[in->npacked++] = (struct packed_input){ u, path };
	*fd = toc_unpack_fd(u);
	*n = peek(*fd, first, room);
	return true;
}

/* Opens a path and looks at it; fd and kind are set unless an exit status comes back. */
static int open_input(struct toc_inputs *in, const char *path, int *fd, enum input_kind *kind, toc_time *mtime)
{
	uint8_t first[512];
	struct stat st;
	*fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) != 0)
		return cannot_open(path);
	if (S_ISDIR(st.st_mode)) {
		close(*fd);
		toc_error("%s: is a folder; name the files in it", path);
		return TOC_EXIT_USAGE;
	}
	ssize_t n = peek(*fd, first, sizeof(first));
	if (!unpack(in, path, fd, first, sizeof(first), &n))
		return cannot_open(path);
	*kind = n < 0 ? INPUT_LINES : kind_of(first, (size_t)n);
	*mtime = (toc_time)st.st_mtim.tv_sec * TOC_SEC;
	if (*kind == INPUT_NEITHER || *kind == INPUT_EMPTY) {
		const struct packed_input *last = in->npacked ? &in->packed[in->npacked - 1] : NULL;
		bool packed = last && *fd == toc_unpack_fd(last->unpack);
		close(*fd);
		const char *trouble = packed ? toc_unpack_finish(last->unpack) : NULL;
		if (trouble && *kind == INPUT_EMPTY)
			return refuse(path, trouble);
		return refuse(path,
			      *kind == INPUT_EMPTY ? "is empty" : "is neither a capture (pcap, pcapng) nor text lines");
	}
	return -1;
}

static int open_reader(struct toc_inputs *in, struct toc_pipeline *p, const char *const *captures, const int *streams,
		       const uint16_t *places, unsigned n, unsigned workers)
{
	char err[512];
	in->reader = toc_reader_new(captures, streams, places, n, err, sizeof(err));
	if (!in->reader) {
		toc_error("%s", err);
		return TOC_EXIT_FINDINGS;
	}
	bool ok = toc_reader_split(in->reader, workers, p->config->ring_bytes, p->options.single_slot);
	for (unsigned i = 0; ok && i < workers; i++) {
		struct toc_worker *w = &p->workers[p->nworkers];
		ok = toc_pipeline_add_worker(p, toc_reader_source(in->reader, i), NULL);
		w->place = i;
		w->sharers = workers;
	}
	in->shared = toc_reader_hands_out(in->reader);
	if (ok)
		return -1;
	toc_error("out of memory for %u workers", workers);
	return TOC_EXIT_ENVIRONMENT;
}

/* To be read from fd itself: what is unpacked, and a named pipe, whose writer would go or wait if it were opened twice.
 */
static bool is_stream(const struct toc_inputs *in, const char *path, int fd)
{
	struct stat st;
	if (in->npacked && fd == toc_unpack_fd(in->packed[in->npacked - 1].unpack))
		return true;
	return strcmp(path, "-") != 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

int toc_inputs_open(struct toc_inputs *in, struct toc_pipeline *p, const char *const *paths, unsigned n,
		    unsigned workers)
{
	const char *captures[TOC_FEEDS];
	uint16_t places[TOC_FEEDS];
	int streams[TOC_FEEDS];
	unsigned ncaptures = 0;
	*in = (struct toc_inputs){ 0 };
	for (unsigned i = 0; i < n && i < TOC_FEEDS; i++) {
		enum input_kind kind = INPUT_NEITHER;
		toc_time mtime = 0;
		int fd = -1, status = open_input(in, paths[i], &fd, &kind, &mtime);
		if (status >= 0)
			return status;
		if (kind == INPUT_CAPTURE) {
			bool stream = is_stream(in, paths[i], fd);
			if (!stream)
				close(fd);
			streams[ncaptures] = stream ? fd : -1;
			captures[ncaptures] = paths[i];
			places[ncaptures++] = (uint16_t)i;
			continue;
		}
		if (kind == INPUT_EVENTS) {
			if (toc_pipeline_add_records(p, paths[i], fd, (uint16_t)i))
				continue;
			toc_error("%s: too many inputs (%u at most)", paths[i], TOC_FEEDS);
			return TOC_EXIT_USAGE;
		}
		toc_time received = p->options.received_at ? p->options.received_at : mtime;
		if (!toc_pipeline_add_liner(p, paths[i], fd, (uint16_t)i, received)) {
			toc_error("%s: too many inputs (%u at most)", paths[i], TOC_FEEDS);
			return TOC_EXIT_USAGE;
		}
	}
	return ncaptures ? open_reader(in, p, captures, streams, places, ncaptures, workers) : -1;
}

void toc_inputs_start(struct toc_inputs *in)
{
	if (in->shared && pthread_create(&in->sharer, NULL, toc_reader_share, in->reader) != 0) {
		toc_error("cannot start a thread; is a limit on processes set (ulimit -u)?");
		_exit(TOC_EXIT_ENVIRONMENT);
	}
}

static bool liner_whole(const struct toc_liner *l)
{
	const struct toc_record_counters none = { 0 }, *c = l->records ? toc_records_count(l->records) : &none;
	if (l->error)
		toc_error("%s: %s; the lines up to there were used", l->path, strerror(l->error));
	if (c->bad)
		toc_error("%s:%llu: this is no event ({\"event\":\"dns\",\"ts\":…}; `tocsin fields` lists the kinds); "
			  "%llu such lines were left out",
			  l->path, (unsigned long long)c->bad_line, (unsigned long long)c->bad);
	return !l->error && !c->bad;
}

bool toc_inputs_finish(struct toc_inputs *in, const struct toc_pipeline *p)
{
	bool whole = true;
	if (in->shared)
		pthread_join(in->sharer, NULL);
	if (in->reader && toc_reader_trouble(in->reader)) {
		toc_error("%s; the events up to there were used", toc_reader_trouble(in->reader));
		whole = false;
	}
	for (unsigned i = 0; i < p->nliners; i++)
		whole = liner_whole(&p->liners[i]) && whole;
	for (unsigned i = 0; i < in->npacked; i++) {
		const char *trouble = toc_unpack_finish(in->packed[i].unpack);
		if (trouble)
			toc_error("%s: %s; what came out of it before was used", in->packed[i].path, trouble);
		whole = whole && !trouble;
	}
	return whole;
}

void toc_inputs_free(struct toc_inputs *in)
{
	toc_reader_free(in->reader);
	for (unsigned i = 0; i < in->npacked; i++)
		toc_unpack_free(in->packed[i].unpack);
}
