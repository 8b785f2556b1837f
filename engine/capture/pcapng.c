/* pcapng - rewrites interface descriptions on the way to libpcap (draft-ietf-opsawg-pcapng, section 4). */
#define _GNU_SOURCE /* fopencookie */
#include "capture/pcapng.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Block types. CUSTOM stands for frames that are hidden: libpcap knows it and passes it over. */
enum { INTERFACE = 1, OLD_PACKET = 2, SIMPLE_PACKET = 3, ENHANCED_PACKET = 6, CUSTOM = 0x0bad };
#define SECTION	       UINT32_C(0x0a0d0d0a)
#define BYTE_ORDER_BIG UINT32_C(0x1a2b3c4d)

enum {
	LEAST = 12, /* a block without a body: type, length, length again */
	HEAD = 16,  /* what is looked at: type, length and eight bytes of the body */
	MAX_INTERFACES = 1024
};

struct pcapng {
	FILE *file, *stream;
	uint8_t head[HEAD];
	size_t head_n, head_at; /* bytes in head, and how many of them are handed out */
	uint64_t left;		/* bytes of the block behind head */
	bool big;		/* byte order of the section */
	bool plain;		/* broken or ended: what remains goes through as it is, for libpcap to judge */
	bool has_first;
	uint8_t first[2]; /* link type of the first interface, as it is in the file */
	uint32_t interfaces;
	uint32_t snaplen; /* of the section's first interface; 0 = unlimited */
	bool foreign[MAX_INTERFACES];
	uint64_t hidden;
};

static uint32_t u32(const struct pcapng *ng, size_t at)
{
	const uint8_t *p = ng->head + at;
	return ng->big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
		       : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint32_t u16(const struct pcapng *ng, size_t at)
{
	return ng->big ? (uint32_t)(ng->head[at] << 8 | ng->head[at + 1])
		       : (uint32_t)(ng->head[at + 1] << 8 | ng->head[at]);
}

static void begin_section(struct pcapng *ng)
{
	ng->big = true;
	ng->big = u32(ng, 8) == BYTE_ORDER_BIG;
	ng->interfaces = 0;
}

static void see_interface(struct pcapng *ng)
{
	uint8_t *linktype = ng->head + 8, *snaplen = ng->head + 12;
	if (ng->interfaces == 0)
		ng->snaplen = u32(ng, 12);
	if (!ng->has_first)
		memcpy(ng->first, linktype, 2);
	ng->has_first = true;
	if (ng->interfaces < MAX_INTERFACES)
		ng->foreign[ng->interfaces] = memcmp(ng->first, linktype, 2) != 0;
	ng->interfaces++;
	memcpy(linktype, ng->first, 2);
	memset(snaplen, 0, 4);
}

static void see_packet(struct pcapng *ng, uint32_t interface)
{
	if (interface >= ng->interfaces || (interface < MAX_INTERFACES && !ng->foreign[interface]))
		return;
	ng->hidden++;
	ng->head[ng->big ? 2 : 1] = CUSTOM >> 8;
	ng->head[ng->big ? 3 : 0] = CUSTOM & 0xff;
}

/* Such a packet has one length, and how much of it is there follows from the snap length that libpcap no longer sees.
 */
static void see_simple_packet(struct pcapng *ng)
{
	const uint32_t cut = ng->snaplen;
	if (cut == 0 || cut >= u32(ng, 8))
		return;
	for (unsigned i = 0; i < 4; i++)
		ng->head[8 + i] = (uint8_t)(cut >> 8 * (ng->big ? 3 - i : i));
}

/* Reads the head of the next block and changes it where needed. */
static void next_block(struct pcapng *ng)
{
	ng->head_at = 0;
	ng->head_n = fread(ng->head, 1, LEAST, ng->file);
	ng->plain = true;
	if (ng->head_n < LEAST)
		return;
	if (u32(ng, 0) == SECTION) /* reads the same in both orders */
		begin_section(ng);
	uint32_t type = u32(ng, 0), length = u32(ng, 4);
	if (length < LEAST)
		return;
	ng->plain = false;
	ng->left = length - LEAST;
	if (length < HEAD + 4 || type == SECTION) /* too short for what we look for */
		return;
	size_t more = fread(ng->head + LEAST, 1, HEAD - LEAST, ng->file);
	ng->head_n += more;
	ng->left -= more;
	if (ng->head_n < HEAD)
		return;
	if (type == INTERFACE)
		see_interface(ng);
	else if (type == ENHANCED_PACKET)
		see_packet(ng, u32(ng, 8));
	else if (type == SIMPLE_PACKET)
		see_simple_packet(ng);
	else if (type == OLD_PACKET)
		see_packet(ng, u16(ng, 8));
}

static ssize_t read_some(void *cookie, char *out, size_t size)
{
	struct pcapng *ng = cookie;
	if (ng->head_at == ng->head_n && !ng->plain && ng->left == 0)
		next_block(ng);
	if (ng->head_at < ng->head_n) {
		size_t n = ng->head_n - ng->head_at < size ? ng->head_n - ng->head_at : size;
		memcpy(out, ng->head + ng->head_at, n);
		ng->head_at += n;
		return (ssize_t)n;
	}
	if (!ng->plain && ng->left < size)
		size = (size_t)ng->left;
	size_t n = fread(out, 1, size, ng->file);
	ng->left -= ng->plain ? 0 : n;
	return n == 0 && ferror(ng->file) ? -1 : (ssize_t)n;
}

static int close_file(void *cookie)
{
	struct pcapng *ng = cookie;
	return fclose(ng->file);
}

struct pcapng *pcapng_new(FILE *file)
{
	struct pcapng *ng = calloc(1, sizeof(*ng));
	if (!ng)
		abort();
	ng->file = file;
	ng->stream = fopencookie(ng, "rb", (cookie_io_functions_t){ .read = read_some, .close = close_file });
	if (!ng->stream)
		abort();
	return ng;
}

FILE *pcapng_stream(struct pcapng *ng)
{
	return ng->stream;
}

uint64_t pcapng_hidden(const struct pcapng *ng)
{
	return ng->hidden;
}

void pcapng_free(struct pcapng *ng)
{
	free(ng);
}
