/* capture - where frames come from: stored captures and live interfaces. The only user of libpcap. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "tocsin/packet.h"

struct toc_capture;

enum toc_read {
	TOC_READ_FRAME,
	TOC_READ_IDLE,	/* live: nothing within the poll interval (50 ms) */
	TOC_READ_END,	/* the file is read to its end */
	TOC_READ_BROKEN /* cut off or garbage from here on, or the interface went away: toc_capture_error tells */
};

struct toc_capture_stats {
	uint64_t frames, bytes;
	uint64_t kernel_received, kernel_dropped, interface_dropped; /* live only, running totals */
};

/*
 * Opens a pcap or pcapng file (µs, ns, any byte order); "-" is standard input. NULL: err has one line that says what to
 * do. `iface` goes into frames. Frames of a pcapng interface with another link type than the first one's are passed
 * over and told at the end (TOC_READ_BROKEN).
 */
struct toc_capture *toc_capture_file(const char *path, uint16_t iface, char *err, size_t err_size);

/* The same of an open stream, which is taken over. */
struct toc_capture *toc_capture_stream(int fd, const char *name, uint16_t iface, char *err, size_t err_size);

/* How live capture is opened. */
struct toc_live {
	const char *interface;
	const char *filter;	  /* BPF text, NULL = all */
	uint16_t iface;		  /* id */
	int snaplen;		  /* 0 = 65535 */
	int ring_mb;		  /* kernel ring per worker; 0 = 64 */
	unsigned worker, workers; /* this one's place in the fan-out group */
	uint16_t fanout;	  /* group id, the same for all workers of an interface */
};

/*
 * TPACKET_V3 by libpcap, PACKET_FANOUT_CBPF by toc_spread's hash. NULL: err tells (no such interface, no permission …).
 * Open the workers' handles in the order of their numbers, one after another and before reading: until the last has
 * joined, its share goes to those that have.
 */
struct toc_capture *toc_capture_live(const struct toc_live *how, char *err, size_t err_size);

/* The next frame; its bytes are borrowed until the next call. out->ordinal counts from 1 per capture; out->at = running
 * maximum of ts. */
enum toc_read toc_capture_next(struct toc_capture *c, struct toc_frame *out);

/*
 * Live: how full the kernel's ring is, in thousandths, by the frames that it has given nobody yet. `behind`: the last
 * frame is older than frames are that have not waited; else nothing waits, and the count begins anew from here.
 */
unsigned toc_capture_fill(struct toc_capture *c, bool behind);

/* Live: how many frames wait in the kernel's ring. */
uint64_t toc_capture_waiting(struct toc_capture *c);

const char *toc_capture_error(const struct toc_capture *c);
void toc_capture_stats(struct toc_capture *c, struct toc_capture_stats *out);
void toc_capture_close(struct toc_capture *c);

/*
 * Which worker a frame belongs to: a hash of the unordered pair of outer IP addresses, 0 for all that is not IP. The
 * same function that the kernel program computes for live capture (design.md section 1). Take it modulo the workers.
 */
uint32_t toc_spread(const struct toc_frame *frame);

/* The same number for a packet with these ends, if it came bare. */
uint32_t toc_spread_pair(const struct toc_addr *a, const struct toc_addr *b);

/*
 * Whether a frame may carry another packet, or a part of one: its IP protocol or UDP port is a tunnel's (carriers.c),
 * or it is a fragment of what may have such a port. A carried packet belongs to the worker of its own ends, where the
 * bare packets of its flow are, and only decode knows its ends: replay shows these frames to all workers.
 */
bool toc_spread_carries(const struct toc_frame *frame);

#endif
