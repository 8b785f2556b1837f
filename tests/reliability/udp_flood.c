/* udp_flood ADDRESS PORT SOURCE RATE SECONDS [SOURCES]: syslog datagrams from one source, as many a second as asked for
 * (0: as fast as they go); or from SOURCES addresses in turn, from SOURCE on (all of them this machine's, as 127/8 is).
 * Prints how many were sent. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, TEXT = 160 };

static double seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct flood {
	int fd;
	uint32_t source, sources; /* the first one, in the machine's order; how many, 0: the socket's own */
};

static int connected(char **argv, bool many)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2])) };
	struct sockaddr_in from = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
	    inet_pton(AF_INET, argv[3], &from.sin_addr) != 1 ||
	    (!many && bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return -1;
	return fd;
}

/* The source of one datagram (ip(7), IP_PKTINFO). */
static void from_one(struct msghdr *h, void *room, size_t n, uint32_t address)
{
	h->msg_control = room;
	h->msg_controllen = n;
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
	const struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(address) };
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

/* One batch; how many of it were sent. */
static unsigned send_batch(const struct flood *f, unsigned long first)
{
	static char text[BATCH][TEXT];
	static _Alignas(struct cmsghdr) char controls[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH] = { { { 0 }, 0 } };
	for (unsigned i = 0; i < BATCH; i++) {
		int n = snprintf(text[i], TEXT,
				 "<38>Mar  2 08:00:00 loud app[7]: number %lu of a sender that does not stop",
				 first + i);
		parts[i] = (struct iovec){ text[i], (size_t)n };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
		if (f->sources)
			from_one(&messages[i].msg_hdr, controls[i], sizeof(controls[i]),
				 f->source + (uint32_t)((first + i) % f->sources));
	}
	int sent = sendmmsg(f->fd, messages, BATCH, 0);
	return sent > 0 ? (unsigned)sent : 0;
}

int main(int argc, char **argv)
{
	struct in_addr source = { 0 };
	struct flood f = { .fd = argc == 6 || argc == 7 ? connected(argv, argc == 7) : -1 };
	if (f.fd < 0 || inet_pton(AF_INET, argv[3], &source) != 1) {
		fprintf(stderr, "usage: udp_flood ADDRESS PORT SOURCE RATE SECONDS [SOURCES]\n");
		return 2;
	}
	f.source = ntohl(source.s_addr);
	f.sources = argc == 7 ? (uint32_t)strtoul(argv[6], NULL, 10) : 0;
	const double rate = atof(argv[4]), began = seconds(), until = began + atof(argv[5]);
	unsigned long sent = 0;
	for (double now = began; now < until; now = seconds()) {
		if (rate > 0 && (double)sent > rate * (now - began))
			usleep(500);
		else
			sent += send_batch(&f, sent);
	}
	printf("%lu\n", sent);
	return 0;
}
