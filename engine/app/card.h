/* card - what Linux tells of a network interface, for those who ask from outside of the confined engine. */
#ifndef APP_CARD_H
#define APP_CARD_H

#include <stdbool.h>
#include <stdint.h>

/* A count of its own statistics ("rx_packets", "rx_dropped" …) since it came up; -1: it is gone, or not Linux's. */
int64_t toc_card_count(const char *interface, const char *what);

/* Frames that it has lost by itself, all reasons together; -1 as above. */
int64_t toc_card_lost(const char *interface);

/* Bytes of an IP packet that it takes; 0 = unknown. */
uint32_t toc_card_mtu(const char *interface);

/* Of the link in Mbit/s; 0 = unknown. */
uint32_t toc_card_mbps(const char *interface);

/* Does it join packets before they are captured (GRO, LRO)? False also where it does not tell. */
bool toc_card_joins(const char *interface);

/* An interface as a place for a mirror port to end. */
struct toc_card {
	char name[16];
	bool up, addressed; /* it has a carrier; it has an address of its own, so it is probably not the mirror's */
	uint64_t frames;    /* that came while it was looked at */
};
enum { TOC_CARDS = 64 };

/*
 * All but the loopback, looked at for a second: the most probable one first. Returns how many.
 */
unsigned toc_cards(struct toc_card out[TOC_CARDS]);

#endif
