/*
 * survey - what a sensor that knows nothing yet makes of the events of its first minute: who is a gateway, who gives
 * addresses and names, who prints, which networks and VLANs there are, and what of it the mirror shows.
 */
#ifndef APP_SURVEY_H
#define APP_SURVEY_H

#include "base/intern.h"
#include "tocsin/event.h"

enum toc_survey_role { TOC_SURVEY_GATEWAY, TOC_SURVEY_DHCP, TOC_SURVEY_DNS, TOC_SURVEY_PRINTER, TOC_SURVEY_ROLES };

/* How one is known to be what it is: bits. */
enum toc_survey_reason {
	TOC_SURVEY_CARRIES = 1, /* its MAC stands for many addresses */
	TOC_SURVEY_OFFERED = 2, /* a DHCP server tells clients to use it */
	TOC_SURVEY_ANSWERED = 4,
	TOC_SURVEY_RAW = 8,	  /* printing: port 9100, */
	TOC_SURVEY_IPP = 16,	  /* 631, */
	TOC_SURVEY_LPD = 32,	  /* 515, */
	TOC_SURVEY_ANNOUNCED = 64 /* or by mDNS */
};

struct toc_survey_host {
	struct toc_addr ip;
	struct toc_mac mac;
	bool has_ip, has_mac;
	uint32_t reasons;
	uint32_t times; /* gateways: addresses behind it; others: how often */
};

struct toc_survey_network { /* a /24 */
	struct toc_addr ip;
	uint32_t hosts;
	bool on_link; /* ARP speaks of it: it is here, whatever its numbers are */
};

enum { TOC_SURVEY_HOSTS = 24, TOC_SURVEY_NETWORKS = 24, TOC_SURVEY_VLANS = 16 };

/* Flat: it is passed from the process that listens to the one that writes. */
struct toc_survey_result {
	struct toc_survey_host hosts[TOC_SURVEY_ROLES][TOC_SURVEY_HOSTS]; /* most times first */
	uint32_t nhosts[TOC_SURVEY_ROLES], left_out[TOC_SURVEY_ROLES];
	struct toc_survey_network networks[TOC_SURVEY_NETWORKS]; /* most hosts first */
	uint32_t nnetworks, networks_left_out;
	uint16_t vlans[TOC_SURVEY_VLANS];
	uint32_t nvlans;	   /* may be more than there is room for */
	uint64_t tcp, tcp_one_way; /* TCP connections with content, and those of which one side was seen */
	uint64_t bytes, missed;	   /* of these: acknowledged, and of that never seen */
};

struct toc_survey;

/* names is borrowed. Owned by the caller; NULL: no memory. Caps hold whatever the network says. */
struct toc_survey *toc_survey_new(struct toc_intern *names);
void toc_survey_free(struct toc_survey *s);

/* An event as the engine has it (the pipeline's option `seen`). */
void toc_survey_see(void *survey, const struct toc_view *view);

void toc_survey_result(struct toc_survey *s, struct toc_survey_result *out);

/* Holds every count to its room: the process that made it had read strangers' bytes. */
void toc_survey_bound(struct toc_survey_result *r);

#endif
