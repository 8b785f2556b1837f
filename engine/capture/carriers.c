/* carriers - frames that may carry other packets, told by their IP header and ports alone. */
#include "capture/spread.h"

enum { IP4 = 0x0800, IP6 = 0x86dd, UDP = 17, FRAGMENT = 44, MAX_CHAIN = 8 };

/* What decode/layers.def reads as tunnels (IP_PROTOCOL, UDP_PORT): a test holds the two against each other. */
static const uint8_t protocols[] = { 4, 41, 47, 97, 115, 137 };
static const uint16_t ports[] = { 4789, 8472, 4790, 6081, 2152, 3544, 5072, 1701, 5247 };

static bool is_tunnel(uint8_t protocol)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i] == protocol)
			return true;
	return false;
}

static bool has_port(struct toc_cursor udp)
{
	uint16_t source = toc_be16(&udp), destination = toc_be16(&udp);
	for (size_t i = 0; !udp.bad && i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] == source || ports[i] == destination)
			return true;
	return false;
}

static bool carries4(struct toc_cursor in)
{
	enum { MORE_OR_OFFSET = 0x3fff };
	struct toc_cursor udp = in;
	toc_skip(&udp, (size_t)(toc_u8(&in) & 0xf) * 4);
	toc_skip(&in, 5);
	uint16_t place = toc_be16(&in);
	toc_skip(&in, 1);
	uint8_t protocol = toc_u8(&in);
	if (in.bad)
		return false;
	if (protocol == UDP)
		return place & MORE_OR_OFFSET || has_port(udp);
	return is_tunnel(protocol);
}

/* Of a fragment, only the first one's header tells what it is of. */
static bool carries6(struct toc_cursor in)
{
	enum { AUTHENTICATION = 51, OPTIONS = 0, ROUTING = 43, DESTINATION = 60, MOBILITY = 135, HIP = 139 };
	toc_skip(&in, 6);
	uint8_t next = toc_u8(&in);
	toc_skip(&in, 33);
	for (unsigned n = 0; n < MAX_CHAIN && !in.bad; n++) {
		if (next == FRAGMENT || is_tunnel(next))
			return true;
		if (next == UDP)
			return has_port(in);
		if (next != AUTHENTICATION && next != OPTIONS && next != ROUTING && next != DESTINATION &&
		    next != MOBILITY && next != HIP)
			return false;
		size_t unit = next == AUTHENTICATION ? 4 : 8;
		next = toc_u8(&in);
		toc_skip(&in, toc_u8(&in) * unit + 6);
	}
	return false;
}

bool toc_spread_carries(const struct toc_frame *frame)
{
	struct toc_cursor in;
	uint16_t protocol = spread_network(frame, &in);
	return protocol == IP4 ? carries4(in) : protocol == IP6 && carries6(in);
}
