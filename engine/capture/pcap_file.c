/* pcap_file - stored captures: pcap and pcapng files and streams. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/handle.h"

#define READ_AHEAD   ((size_t)256 * 1024) /* stdio's 4 KiB would cost a system call every third full frame */
#define PCAPNG_FIRST 0x0a		  /* first byte of a pcapng file in either byte order; no pcap file has it */

static FILE *open_input(const char *path)
{
	if (strcmp(path, "-") != 0)
		return fopen(path, "rbe");
	/* our own descriptor: libpcap closes what it is given, except stdin, whose buffer we could not free then */
	int fd = dup(STDIN_FILENO);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* First bytes of files that people take for captures. */
static const struct {
	const char *magic, *what;
} lookalikes[] = {
	{ "\x1f\x8b", "is packed once more; unpack it first: zcat FILE | tocsin replay -" },
	{ "\x28\xb5\x2f\xfd", "is packed once more; unpack it first: zstdcat FILE | tocsin replay -" },
	{ "\xfd\x37zXZ", "is packed once more; unpack it first: xzcat FILE | tocsin replay -" },
	{ "BZh", "is compressed; unpack it first: bzcat FILE | tocsin replay -" },
	{ "PK\x03\x04", "is a zip archive; unpack it first" },
};

/* Why libpcap refused the file, in words that say what to do. */
static const char *why_refused(FILE *file)
{
	uint8_t head[8] = { 0 };
	if (fseek(file, 0, SEEK_SET) != 0)
		return "is not a pcap or pcapng capture";
	size_t n = fread(head, 1, sizeof(head), file);
	if (n == 0)
		return ferror(file) ? "cannot be read" : "is empty: nothing was captured into it";
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]); i++)
		if (toc_span_starts(toc_span_of(head, n), lookalikes[i].magic))
			return lookalikes[i].what;
	return "is not a pcap or pcapng capture";
}

/* Gives the open file to libpcap. False: err tells, the file is closed. */
static bool attach(struct toc_capture *c, FILE *file, char *err, size_t err_size)
{
	char said[PCAP_ERRBUF_SIZE] = "";
	FILE *stream = file;
	c->buffer = malloc(READ_AHEAD);
	if (c->buffer)
		setvbuf(file, c->buffer, _IOFBF, READ_AHEAD);
	if (ungetc(getc(file), file) == PCAPNG_FIRST) {
		c->ng = pcapng_new(file);
		stream = pcapng_stream(c->ng);
	}
	c->pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, said);
	if (c->pcap)
		return true;
	snprintf(err, err_size, "%s: %s (%s)", c->name, why_refused(file), said);
	fclose(stream);
	return false;
}

static struct toc_capture *open_capture(FILE *file, const char *name, uint16_t iface, char *err, size_t err_size)
{
	if (!file) {
		snprintf(err, err_size, "%s: cannot be opened: %s", name, strerror(errno));
		return NULL;
	}
	struct toc_capture *c = capture_new(name, iface);
	if (!attach(c, file, err, err_size)) {
		toc_capture_close(c);
		return NULL;
	}
	capture_ready(c);
	return c;
}

struct toc_capture *toc_capture_file(const char *path, uint16_t iface, char *err, size_t err_size)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	return open_capture(open_input(path), name, iface, err, err_size);
}

struct toc_capture *toc_capture_stream(int fd, const char *name, uint16_t iface, char *err, size_t err_size)
{
	FILE *file = fdopen(fd, "rb");
	if (!file)
		close(fd);
	return open_capture(file, name, iface, err, err_size);
}
