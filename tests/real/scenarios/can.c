// SPDX-License-Identifier: GPL-2.0-only
/* can-raw on vcan: a frame that is sent on one socket arrives at another. The network device is made by netlink. */
#include <kfail/scenario.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int one = -1, two = -1;

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	char attributes[64];
};

static void add_attribute(struct request *r, int type, const void *data, unsigned size)
{
	struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(size);
	memcpy(RTA_DATA(a), data, size);
	r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static long ask(struct request *r)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[256];
	} answer;
	long n;

	if (fd < 0)
		return -errno;
	n = result(send(fd, r, r->header.nlmsg_len, 0));
	if (n >= 0)
		n = result(recv(fd, &answer, sizeof(answer), 0));
	close(fd);
	return n < 0 ? n : answer.error.error;
}

/* ip link add dev vcan0 type vcan; ip link set vcan0 up */
static int make_link(void)
{
	struct request r = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			   .nlmsg_type = RTM_NEWLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK},
		.link = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP},
	};
	struct {
		struct rtattr kind;
		char name[8];
	} info = {{RTA_LENGTH(4), IFLA_INFO_KIND}, "vcan"};

	add_attribute(&r, IFLA_IFNAME, "vcan0", 6);
	add_attribute(&r, IFLA_LINKINFO, &info, RTA_LENGTH(4));
	return ask(&r);
}

static void remove_link(void)
{
	struct request r = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			   .nlmsg_type = RTM_DELLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
	};

	add_attribute(&r, IFLA_IFNAME, "vcan0", 6);
	ask(&r);
}

SCENARIO(.setup = make_link, .teardown = remove_link);

static int open_socket(void)
{
	return socket(PF_CAN, SOCK_RAW, CAN_RAW);
}

OPERATION(socket)
{
	one = open_socket();
	return result(one);
}

static long bind_to_link(int fd)
{
	struct ifreq request = {.ifr_name = "vcan0"};
	struct sockaddr_can address = {.can_family = AF_CAN};

	if (ioctl(fd, SIOCGIFINDEX, &request))
		return -errno;
	address.can_ifindex = request.ifr_ifindex;
	return result(bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

OPERATION(bind)
{
	return bind_to_link(one);
}

OPERATION(filter)
{
	struct can_filter filters[2] = {{.can_id = 0x123, .can_mask = 0x7ff}, {.can_id = 0x200}};

	return result(setsockopt(one, SOL_CAN_RAW, CAN_RAW_FILTER, filters, sizeof(filters)));
}

OPERATION(second_socket)
{
	long err;

	two = open_socket();
	if (two < 0)
		return -errno;
	err = bind_to_link(two);
	if (err < 0)
		close(two);
	return err;
}

OPERATION(send)
{
	struct can_frame frame = {.can_id = 0x123, .can_dlc = 2, .data = {1, 2}};

	return result(write(two, &frame, sizeof(frame)));
}

OPERATION(receive)
{
	struct can_frame frame;
	long n = result(recv(one, &frame, sizeof(frame), MSG_DONTWAIT));

	if (n > 0)
		expect_equal(frame.can_id, 0x123);
	/* A receiver without memory loses frames, and says so to nobody. */
	return n == -EAGAIN ? 0 : n;
}

OPERATION(close)
{
	close(two);
	return result(close(one));
}
