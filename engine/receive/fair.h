/* fair - a socket that many share: while the receiver is behind, who sends most waits first. Private to receive/. */
#ifndef RECEIVE_FAIR_H
#define RECEIVE_FAIR_H

#include "receive/receive.h"

/*
 * One datagram socket. In windows of 2 ms each sender's datagrams are counted. When the kernel's buffer is three
 * quarters full, the loudest sender's count is halved and is the share of everybody from then on; what goes beyond it,
 * and beyond what the sender has saved up, is dropped here, where that costs a fraction of reading the line. The share
 * falls while the buffer stays full, rises while it is not, and ends when nobody reaches it. All zero at first.
 */
struct fair {
	toc_time since;
	uint32_t window, share; /* share: datagrams a window; 0 = as many as they like */
	uint32_t loudest;	/* of this window */
};

/* May this datagram of the sender pass? */
bool fair_admits(struct fair *f, struct toc_sender *s);

/* After each batch. full: how full the kernel's buffer is, in per cent. */
void fair_turn(struct fair *f, toc_time now, unsigned full);

#endif
