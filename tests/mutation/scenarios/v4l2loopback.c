// SPDX-License-Identifier: GPL-2.0-only
/*
 * v4l2loopback: a writer and a reader, formats, controls, buffers, timeouts and the files in sysfs; and what the driver must
 * say no to.
 */
#include <kfail/scenario.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define WIDTH	 64
#define HEIGHT	 32
#define SYSFS	 "/sys/devices/virtual/video4linux/video0/"
#define CID_BASE (V4L2_CID_USER_BASE | 0xf000)

enum { KEEP_FORMAT = CID_BASE, SUSTAIN_FRAMERATE, TIMEOUT, TIMEOUT_IMAGE_IO };

static int out = -1, in = -1;
static char frame[WIDTH * HEIGHT * 2], back[sizeof(frame)];

/* The driver goes on without the files that it cannot make, and says so in the log. */
static int has_files(void)
{
	struct stat stat_buffer;

	return !stat(SYSFS "max_openers", &stat_buffer);
}

static int open_device(void)
{
	return open("/dev/video0", O_RDWR | O_NONBLOCK);
}

static long control(int fd, unsigned id, int value)
{
	struct v4l2_control c = {.id = id, .value = value};

	return result(ioctl(fd, VIDIOC_S_CTRL, &c));
}

static int control_value(int fd, unsigned id)
{
	struct v4l2_control c = {.id = id};

	return ioctl(fd, VIDIOC_G_CTRL, &c) ? -errno : c.value;
}

/* Nobody has it open: no limit of openers is too low then, but for what is no number. */
OPERATION(openers)
{
	if (!has_files())
		return 0;
	expect(kfail_write_file(SYSFS "max_openers", "nonsense") == -EINVAL);
	return kfail_write_file(SYSFS "max_openers", "10");
}

OPERATION(open)
{
	out = open_device();
	return result(out);
}

OPERATION(nothing_yet)
{
	char text[64];

	expect(read(out, back, sizeof(back)) == -1 && errno == EAGAIN);
	expect(write(out, frame, 16) == -1); /* without a format */
	expect(ioctl(out, VIDIOC_STREAMON, &(int){V4L2_BUF_TYPE_VIDEO_OUTPUT}) == -1);
	expect(kfail_read_file(SYSFS "format", text, sizeof(text)) <= 0);
	return 0;
}

OPERATION(query)
{
	struct v4l2_capability capability;
	long err = result(ioctl(out, VIDIOC_QUERYCAP, &capability));

	if (!err)
		expect(!strcmp((char *)capability.driver, "v4l2 loopback"));
	return err;
}

static long set_format(int fd, unsigned type, unsigned long ask, unsigned fourcc)
{
	struct v4l2_format format = {.type = type};

	format.fmt.pix.width = WIDTH;
	format.fmt.pix.height = HEIGHT;
	format.fmt.pix.pixelformat = fourcc;
	format.fmt.pix.field = V4L2_FIELD_NONE;
	return result(ioctl(fd, ask, &format));
}

OPERATION(set_format)
{
	long err = set_format(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, VIDIOC_TRY_FMT, V4L2_PIX_FMT_YUYV);

	if (!err)
		err = set_format(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, VIDIOC_S_FMT, V4L2_PIX_FMT_YUYV);
	return err ? err : result(write(out, frame, sizeof(frame)));
}

OPERATION(formats)
{
	struct v4l2_fmtdesc description = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
	struct v4l2_frmsizeenum size = {.pixel_format = V4L2_PIX_FMT_YUYV};
	struct v4l2_frmivalenum interval = {
		.pixel_format = V4L2_PIX_FMT_YUYV, .width = WIDTH, .height = HEIGHT};

	expect(!ioctl(out, VIDIOC_ENUM_FMT, &description));
	description.index = 9999;
	expect(ioctl(out, VIDIOC_ENUM_FMT, &description) == -1);
	expect(!ioctl(out, VIDIOC_ENUM_FRAMESIZES, &size));
	size.index = 7;
	expect(ioctl(out, VIDIOC_ENUM_FRAMESIZES, &size) == -1);
	expect(!ioctl(out, VIDIOC_ENUM_FRAMEINTERVALS, &interval));
	interval.index = 7;
	expect(ioctl(out, VIDIOC_ENUM_FRAMEINTERVALS, &interval) == -1);
	return 0;
}

OPERATION(streams)
{
	struct v4l2_streamparm parm = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
	struct v4l2_output output = {0};
	unsigned index = 0;

	expect(!ioctl(out, VIDIOC_G_PARM, &parm));
	parm.parm.output.timeperframe.numerator = 1;
	parm.parm.output.timeperframe.denominator = 25;
	expect(!ioctl(out, VIDIOC_S_PARM, &parm));
	expect(!ioctl(out, VIDIOC_ENUMOUTPUT, &output));
	output.index = 3;
	expect(ioctl(out, VIDIOC_ENUMOUTPUT, &output) == -1);
	expect(!ioctl(out, VIDIOC_G_OUTPUT, &index));
	expect(!ioctl(out, VIDIOC_S_OUTPUT, &index));
	index = 4;
	expect(ioctl(out, VIDIOC_S_OUTPUT, &index) == -1);
	return 0;
}

OPERATION(controls)
{
	struct v4l2_queryctrl query = {.id = TIMEOUT};

	expect(!ioctl(out, VIDIOC_QUERYCTRL, &query));
	query.id = CID_BASE + 77;
	expect(ioctl(out, VIDIOC_QUERYCTRL, &query) == -1);
	expect(control_value(out, CID_BASE + 77) < 0);
	expect(control(out, CID_BASE + 77, 1) < 0);
	expect_equal(control(out, KEEP_FORMAT, 1), 0);
	expect_equal(control_value(out, KEEP_FORMAT), 1);
	expect_equal(control(out, KEEP_FORMAT, 0), 0);
	expect_equal(control(out, SUSTAIN_FRAMERATE, 1), 0);
	expect_equal(control(out, SUSTAIN_FRAMERATE, 0), 0);
	return 0;
}

static long request(int fd, unsigned type, unsigned count, unsigned memory)
{
	struct v4l2_requestbuffers r = {.count = count, .type = type, .memory = memory};

	return result(ioctl(fd, VIDIOC_REQBUFS, &r));
}

OPERATION(request_buffers)
{
	expect(request(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, 2, V4L2_MEMORY_USERPTR) < 0);
	return request(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, 2, V4L2_MEMORY_MMAP);
}

OPERATION(query_buffer)
{
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
	long err = result(ioctl(out, VIDIOC_QUERYBUF, &b));

	b.index = 999;
	expect(ioctl(out, VIDIOC_QUERYBUF, &b) == -1);
	return err;
}

OPERATION(queue)
{
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
				.memory = V4L2_MEMORY_MMAP,
				.bytesused = sizeof(frame)};
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	long err = result(ioctl(out, VIDIOC_STREAMON, &type));

	if (err)
		return err;
	err = result(ioctl(out, VIDIOC_QBUF, &b));
	if (!err)
		err = result(ioctl(out, VIDIOC_DQBUF, &b));
	b.index = 999;
	expect(ioctl(out, VIDIOC_QBUF, &b) == -1);
	expect(!ioctl(out, VIDIOC_STREAMOFF, &type));
	return err;
}

OPERATION(open_reader)
{
	in = open_device();
	return result(in);
}

OPERATION(write)
{
	memset(frame, 0x5a, sizeof(frame));
	return result(write(out, frame, sizeof(frame)));
}

OPERATION(read)
{
	struct pollfd p = {.fd = in, .events = POLLIN | POLLPRI};
	long n = result(write(out, frame, sizeof(frame)));

	if (n < 0)
		return n;
	expect(poll(&p, 1, 0) >= 0);
	n = result(read(in, back, sizeof(back)));
	if (n >= 0)
		expect(back[0] == 0x5a && back[sizeof(back) - 1] == 0x5a);
	return n;
}

/* What is there is read; then there is nothing more. */
OPERATION(read_all)
{
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	struct pollfd p = {.fd = in, .events = POLLIN};

	for (int i = 0; i < 4 && read(in, back, sizeof(back)) >= 0; i++)
		;
	expect(read(in, back, sizeof(back)) == -1 && errno == EAGAIN);
	expect(ioctl(in, VIDIOC_DQBUF, &b) == -1 && errno == EAGAIN);
	expect(poll(&p, 1, 0) == 0 || !(p.revents & POLLIN));
	return 0;
}

OPERATION(reader_ioctls)
{
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_fmtdesc description = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_input input = {0};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	unsigned index = 0;

	expect(!ioctl(in, VIDIOC_G_FMT, &format));
	expect_equal(format.fmt.pix.width, WIDTH);
	expect(!ioctl(in, VIDIOC_ENUM_FMT, &description));
	expect(!ioctl(in, VIDIOC_S_FMT, &format));
	expect(!ioctl(in, VIDIOC_ENUMINPUT, &input));
	expect(!ioctl(in, VIDIOC_G_INPUT, &index));
	expect(!ioctl(in, VIDIOC_S_INPUT, &index));
	index = 3;
	expect(ioctl(in, VIDIOC_S_INPUT, &index) == -1);
	expect(!request(in, V4L2_BUF_TYPE_VIDEO_CAPTURE, 2, V4L2_MEMORY_MMAP));
	expect(!ioctl(in, VIDIOC_STREAMON, &type));
	expect(!ioctl(in, VIDIOC_QBUF, &b));
	expect(ioctl(in, VIDIOC_DQBUF, &b) == -1); /* nothing is mapped */
	expect(!ioctl(in, VIDIOC_STREAMOFF, &type));
	return 0;
}

OPERATION(sysfs)
{
	char text[64];

	if (!has_files())
		return 0;
	expect(kfail_read_file(SYSFS "format", text, sizeof(text)) > 0);
	expect(strstr(text, "64x32"));
	expect(kfail_read_file(SYSFS "buffers", text, sizeof(text)) > 0);
	expect(kfail_read_file(SYSFS "max_openers", text, sizeof(text)) > 0);
	expect(kfail_write_file(SYSFS "max_openers", "nonsense") == -EINVAL);
	expect(kfail_write_file(SYSFS "max_openers", "1") == -EINVAL);
	expect(kfail_write_file(SYSFS "max_openers", "2") > 0);
	expect(open_device() == -1 && errno == EBUSY);
	expect(kfail_write_file(SYSFS "max_openers", "10") > 0);
	expect(kfail_write_file(SYSFS "format", "@30") > 0);
	expect(kfail_write_file(SYSFS "format", "@0/0") == -EINVAL);
	expect(kfail_write_file(SYSFS "format", "nonsense") == -EINVAL);
	return 0;
}

static long drain(void)
{
	long n;

	do
		n = read(in, back, sizeof(back));
	while (n >= 0);
	return 0;
}

static long write_frame(void)
{
	return result(write(out, frame, sizeof(frame)));
}

/* A frame is shown again when no new one comes; a new one puts that off: 33 ms a frame, again after 50. */
OPERATION(sustain)
{
	long err = control(out, SUSTAIN_FRAMERATE, 1);

	if (err)
		return err;
	if ((err = write_frame()) < 0)
		return err;
	drain();
	usleep(30000);
	if ((err = write_frame()) < 0)
		return err;
	drain();
	usleep(30000);
	expect(read(in, back, sizeof(back)) == -1 && errno == EAGAIN);
	usleep(100000);
	expect(read(in, back, sizeof(back)) > 0 || errno == EFAULT);
	return control(out, SUSTAIN_FRAMERATE, 0);
}

/* When nothing comes for long, there is the timeout's picture, which is black; a new frame puts that off, too. */
OPERATION(timeout)
{
	long err = control(out, TIMEOUT, 100);

	if (err)
		return err;
	if ((err = write_frame()) < 0)
		return err;
	drain();
	usleep(60000);
	if ((err = write_frame()) < 0)
		return err;
	drain();
	usleep(60000);
	expect(read(in, back, sizeof(back)) == -1 && errno == EAGAIN);
	usleep(100000);
	expect(read(in, back, sizeof(back)) > 0 ? !back[0] : errno == EFAULT);
	return 0;
}

OPERATION(timeout_image)
{
	long err = control(out, TIMEOUT_IMAGE_IO, 1);
	int fd = err ? -1 : open_device();
	struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};

	if (fd < 0)
		return err ? err : -errno;
	expect(!request(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, 1, V4L2_MEMORY_MMAP));
	expect(request(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, 1, V4L2_MEMORY_USERPTR) < 0);
	expect(!ioctl(fd, VIDIOC_QUERYBUF, &b));
	expect(!ioctl(fd, VIDIOC_QBUF, &b));
	expect(!ioctl(fd, VIDIOC_DQBUF, &b));
	return result(close(fd));
}

OPERATION(no_timeout)
{
	return control(out, TIMEOUT, 0);
}

OPERATION(event)
{
	struct v4l2_event_subscription subscription = {.type = V4L2_EVENT_CTRL, .id = KEEP_FORMAT};
	long err = result(ioctl(in, VIDIOC_SUBSCRIBE_EVENT, &subscription));

	if (err)
		return err;
	expect(!ioctl(in, VIDIOC_UNSUBSCRIBE_EVENT, &subscription));
	err = result(ioctl(in, VIDIOC_SUBSCRIBE_EVENT, &subscription)); /* close() undoes it */
	subscription.type = 0x7777;
	expect(ioctl(in, VIDIOC_SUBSCRIBE_EVENT, &subscription) == -1);
	return err;
}

/* The last one who closes it takes the format along. */
OPERATION(close)
{
	char text[64];

	close(in);
	close(out);
	if (has_files())
		expect(kfail_read_file(SYSFS "format", text, sizeof(text)) <= 0);
	return 0;
}

/* Timers that run when it is closed are stopped; the format, and buffers with it, are kept until the driver goes. */
OPERATION(close_with_timers)
{
	long err;

	out = open_device();
	if (out < 0)
		return -errno;
	err = set_format(out, V4L2_BUF_TYPE_VIDEO_OUTPUT, VIDIOC_S_FMT, V4L2_PIX_FMT_YUYV);
	if (!err)
		err = write_frame();
	if (err >= 0)
		err = control(out, TIMEOUT, 100);
	if (!err)
		err = control(out, SUSTAIN_FRAMERATE, 1);
	if (!err)
		err = control(out, KEEP_FORMAT, 1);
	close(out);
	return err;
}
