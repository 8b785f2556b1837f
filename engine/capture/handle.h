/* handle - what stored and live captures share: libpcap's handle and the running numbers. */
#ifndef CAPTURE_HANDLE_H
#define CAPTURE_HANDLE_H

#include <pcap/pcap.h>

#include "capture/capture.h"
#include "capture/pcapng.h"

#define CAPTURE_ERROR 512

struct toc_capture {
	pcap_t *pcap;
	char *name;	    /* as messages say it */
	char *buffer;	    /* stdio's, of a stored capture; outlives pcap, which closes the FILE */
	struct pcapng *ng;  /* of a stored capture in that format, else NULL */
	bool live;	    /* poll on the descriptor when there is no frame */
	enum toc_read over; /* TOC_READ_FRAME while there may be more, else what every later call answers */
	toc_time at;	    /* running maximum */
	uint64_t ordinal;   /* of the last frame */
	uint16_t iface, linktype;
	int hardware; /* live: ARPHRD_ of the interface when it was opened, negative while unknown */
	bool changed; /* live: it has another now, so that frames are of another link type than they were */
	struct pcap_stat last; /* 32-bit counters of libpcap, which wrap: totals are sums of differences */
	struct toc_capture_stats stats;
	/* live: bytes of the ring; frames that came into it and will never be given; those given and bytes at the last
	 * look */
	size_t ring_bytes;
	int64_t never_given;
	uint64_t looked_frames, looked_bytes, mean;
	char error[CAPTURE_ERROR];
};

/* Without libpcap's handle yet; aborts when memory is out. */
struct toc_capture *capture_new(const char *name, uint16_t iface);

/* Once pcap is set and active. */
void capture_ready(struct toc_capture *c);

/* What the kernel has counted since the last look goes into the stats; looks whether the interface changed its type, too. */
void capture_look(struct toc_capture *c);

/* Waits up to 50 ms for a frame. 1 = try again, 0 = nothing came. */
int capture_wait(const struct toc_capture *c);

#endif
