// SPDX-License-Identifier: GPL-2.0-only
/* Uses tests/drivers/board.c: open, set up twice, write, poll, read, close. */
#include <kfail/scenario.h>
#include <poll.h>
#include <sys/ioctl.h>
#include "../drivers/board.h"

static int fd = -1;

static struct board_state state(void)
{
	struct board_state state = {0};

	expect(ioctl(fd, BOARD_STATE, &state) == 0);
	return state;
}

static void is_set_up(void)
{
	expect_equal(state().ready, 1);
}

static void holds_text(void)
{
	expect_equal(state().length, 5);
}

OPERATION(open)
{
	fd = open("/dev/board", O_RDWR);
	return result(fd);
}

OPERATION(set_up, .check = is_set_up, .errors = (const int[]){ENOMEM, 0})
{
	return result(ioctl(fd, BOARD_SET_UP));
}

OPERATION(set_up_again, .check = is_set_up)
{
	return result(ioctl(fd, BOARD_SET_UP));
}

OPERATION(write, .check = holds_text)
{
	return result(write(fd, "hello", 5));
}

OPERATION(read)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char text[8] = "";

	expect_equal(poll(&poll_fd, 1, 1000), 1);
	expect_equal(read(fd, text, sizeof(text)), 5);
	expect(!strcmp(text, "hello"));
	return 0;
}

OPERATION(errors)
{
	void *volatile nowhere = (void *)8;

	expect(ioctl(fd, BOARD_STATE, nowhere) == -1 && errno == EFAULT);
	expect(ioctl(fd, 0x1234) == -1 && errno == ENOTTY);
	expect(read(99, nowhere, 1) == -1 && errno == EBADF);
	return 0;
}

OPERATION(close)
{
	return result(close(fd));
}
