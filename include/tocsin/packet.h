/* packet - the view of one frame after decode: borrowed bytes, host-order numbers. */
#ifndef TOCSIN_PACKET_H
#define TOCSIN_PACKET_H

#include "tocsin/addr.h"
#include "tocsin/time.h"

/* A frame as capture hands it over: bytes are borrowed until the batch ends. */
struct toc_frame {
	toc_time at;	  /* running maximum of ts over the input: never goes back */
	toc_time ts;	  /* capture time of this frame */
	uint64_t ordinal; /* position in the input, from 1 */
	struct toc_span bytes;
	uint32_t wire_len;
	uint16_t iface; /* interface id; 0 in replay of one file */
	uint32_t came,
		lost;	/* live, once a second: frames since it was last told, the lost ones included; of these lost */
	bool elsewhere; /* another worker's too, which counts it: this one has it for what it may carry */
	uint16_t linktype; /* LINKTYPE_ value of the capture file format (tcpdump.org/linktypes.html) */
};

enum toc_tcp_flag { TOC_FIN = 1, TOC_SYN = 2, TOC_RST = 4, TOC_PSH = 8, TOC_ACK = 16, TOC_URG = 32 };

enum toc_ip_proto { TOC_IPPROTO_ICMP = 1, TOC_IPPROTO_TCP = 6, TOC_IPPROTO_UDP = 17, TOC_IPPROTO_ICMP6 = 58 };

enum toc_l3 { TOC_L3_NONE, TOC_L3_IP, TOC_L3_ARP, TOC_L3_LINK };

/* The number of a link protocol: an EtherType as it is, or one of these. Macros: for initialisers. */
#define TOC_LINK_SNAP(organisation, type) ((uint64_t)(organisation) << 16 | (type)) /* other than 0 and 0x0000f8 */
#define TOC_LINK_LLC(dsap)		  (UINT64_C(1) << 40 | (dsap))		    /* what follows the control field */
#define TOC_LINK_PPP(protocol)		  (UINT64_C(2) << 40 | (protocol))

/* How a packet is carried inside another. */
enum toc_tunnel {
	TOC_TUNNEL_NONE,
	TOC_TUNNEL_IP, /* IP in IP, 6in4, MPLS in IP, EtherIP */
	TOC_TUNNEL_GRE,
	TOC_TUNNEL_VXLAN,
	TOC_TUNNEL_GENEVE,
	TOC_TUNNEL_GTP,
	TOC_TUNNEL_TEREDO,
	TOC_TUNNEL_AYIYA,
	TOC_TUNNEL_L2TP,
	TOC_TUNNEL_CAPWAP,
	TOC_NTUNNELS
};
enum { TOC_TUNNEL_DEPTH = 4 };

struct toc_packet {
	toc_time at, ts;
	uint64_t ordinal;
	uint16_t iface;
	uint8_t l3;	  /* enum toc_l3 */
	uint8_t ip_proto; /* upper layer, after extension headers */
	struct toc_mac src_mac, dst_mac;
	bool has_mac;
	bool bad_checksum; /* counted and noted in history, never a reason to drop */
	bool reassembled;  /* from fragments: ip_len is the datagram's, with one header, as in Zeek */
	bool again;	   /* carried, and seen before on another way: only what carries it is new */
	uint8_t ttl;
	uint8_t tunnel;		   /* enum toc_tunnel: what this one's payload is, where a packet was found in it */
	uint16_t vlan, inner_vlan; /* 0 = none */
	struct toc_addr src, dst;
	const struct toc_packet *outer; /* the packet that carries this one; borrowed like payload; NULL: none */
	uint64_t
		path; /* of the tunnels around it: the same in both directions; 0 = none, or any: it goes by its ends */
	const char *weird;     /* an oddity that decode met, with a stable name; NULL = none; also of dropped frames */
	uint16_t sport, dport; /* ICMP: Zeek's convention, type and code */
	uint64_t link;	       /* TOC_L3_LINK: which protocol (above) */
	uint32_t ip_len;       /* bytes of IP header(s) and payload on the wire */
	uint32_t payload_len;  /* transport payload on the wire; may exceed payload.n (snap length) */
	struct toc_span payload;    /* captured part; ARP, link: the body; ICMP: from the ICMP header on */
	struct toc_span unverified; /* what the transport's checksum is over, where it was not looked at; else empty */
	struct {
		uint32_t seq, ack;
		uint16_t window, urgent;
		uint8_t flags;		 /* enum toc_tcp_flag */
		struct toc_span options; /* captured part */
	} tcp;
};

#endif
