/* pcap_file - stored captures: pcap and pcapng files and streams. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/handle.h"

#define READ_AHEAD (256 * 1024) /* stdio's 4 KiB would cost a system call every third full frame */

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
	{ "\x1f\x8b", "is compressed; unpack it first: zcat FILE | tocsin replay -" },
	{ "\x28\xb5\x2f\xfd", "is compressed; unpack it first: zstdcat FILE | tocsin replay -" },
	{ "\xfd\x37zXZ", "is compressed; unpack it first: xzcat FILE | tocsin replay -" },
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

struct toc_capture *toc_capture_file(const char *path, uint16_t iface, char *err, size_t err_size)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	char said[PCAP_ERRBUF_SIZE] = "";
	FILE *file = open_input(path);
	if (!file) {
		snprintf(err, err_size, "%s: cannot be opened: %s", name, strerror(errno));
		return NULL;
	}
	char *buffer = malloc(READ_AHEAD);
	if (buffer)
		setvbuf(file, buffer, _IOFBF, READ_AHEAD);
	pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, said);
	if (!pcap) {
		snprintf(err, err_size, "%s: %s (%s)", name, why_refused(file), said);
		fclose(file);
		free(buffer);
		return NULL;
	}
	struct toc_capture *c = capture_new(pcap, name, iface);
	if (!c) {
		snprintf(err, err_size, "%s: out of memory", name);
		free(buffer);
		return NULL;
	}
	c->buffer = buffer;
	return c;
}
