#include "suites.h"
CU_TestInfo fetch_tests[] = {CU_TEST_INFO_NULL};
