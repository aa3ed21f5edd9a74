// SPDX-License-Identifier: GPL-2.0-only
/* vpoll: events made by an ioctl are seen by poll() and epoll, also by somebody who waits already. */
#include <kfail/scenario.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#define VPOLL_ADD _IO('^', 1)
#define VPOLL_DEL _IO('^', 2)
#define VPOLL_SET _IO('^', 3)

static int fd = -1, ep = -1;

/* Its number is its own: what it does on any other would go to some other driver. */
static void has_number(void)
{
	static char text[8192];

	expect(kfail_read_file("/proc/devices", text, sizeof(text)) > 0);
	expect(strstr(text, "vpoll"));
}

OPERATION(open, .check = has_number)
{
	fd = open("/dev/vpoll", O_RDWR);
	return result(fd);
}

OPERATION(add)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

	expect_equal(poll(&p, 1, 0), 0);
	expect_equal(ioctl(fd, VPOLL_ADD, EPOLLIN), EPOLLIN);
	expect_equal(poll(&p, 1, 0), 1);
	expect_equal(p.revents, POLLIN);
	expect_equal(ioctl(fd, VPOLL_DEL, EPOLLIN), 0);
	return 0;
}

OPERATION(epoll)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = 7};
	long err;

	ep = epoll_create1(0);
	if (ep < 0)
		return -errno;
	err = result(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
	if (err < 0)
		close(ep);
	return err;
}

OPERATION(wait)
{
	struct epoll_event event;

	expect_equal(epoll_wait(ep, &event, 1, 5000), 0); /* virtual seconds */
	ioctl(fd, VPOLL_SET, EPOLLOUT);
	expect_equal(epoll_wait(ep, &event, 1, -1), 1);
	expect_equal(event.events, EPOLLOUT);
	expect_equal(event.data.u32, 7);
	expect(ioctl(fd, _IO('^', 9), 0) == -1 && errno == EINVAL);
	return 0;
}

OPERATION(close)
{
	close(ep);
	return result(close(fd));
}
