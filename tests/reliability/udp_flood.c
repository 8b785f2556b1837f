/* udp_flood ADDRESS PORT SOURCE RATE SECONDS: syslog datagrams from one source, as many a second as asked for (0: as
 * fast as they go). Prints how many were sent. */
#define _GNU_SOURCE
#include <arpa/inet.h>
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

static int connected(char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2])) };
	struct sockaddr_in from = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
	    inet_pton(AF_INET, argv[3], &from.sin_addr) != 1 || bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return -1;
	return fd;
}

/* One batch; how many of it were sent. */
static unsigned send_batch(int fd, unsigned long first)
{
	static char text[BATCH][TEXT];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH] = { { { 0 }, 0 } };
	for (unsigned i = 0; i < BATCH; i++) {
		int n = snprintf(text[i], TEXT,
				 "<38>Mar  2 08:00:00 loud app[7]: number %lu of a sender that does not stop",
				 first + i);
		parts[i] = (struct iovec){ text[i], (size_t)n };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	int sent = sendmmsg(fd, messages, BATCH, 0);
	return sent > 0 ? (unsigned)sent : 0;
}

int main(int argc, char **argv)
{
	int fd = argc == 6 ? connected(argv) : -1;
	if (fd < 0) {
		fprintf(stderr, "usage: udp_flood ADDRESS PORT SOURCE RATE SECONDS\n");
		return 2;
	}
	const double rate = atof(argv[4]), began = seconds(), until = began + atof(argv[5]);
	unsigned long sent = 0;
	for (double now = began; now < until; now = seconds()) {
		if (rate > 0 && (double)sent > rate * (now - began))
			usleep(500);
		else
			sent += send_batch(fd, sent);
	}
	printf("%lu\n", sent);
	return 0;
}
