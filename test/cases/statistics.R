# Expected values of test/cases/statistics.json, from R's own functions. Run in the repository root:
#   Rscript test/cases/statistics.R > test/cases/statistics.json
source("test/cases/json.R")
moments <- function(y, x = rep(1, length(y)))
  list(n = length(y), y = sum(y), yy = sum(y^2), x = sum(x), xx = sum(x^2), xy = sum(x * y))

tails <- list()
tail_case <- function(distribution, at, df, p) tails[[length(tails) + 1]] <<- list(distribution = distribution, at = at, df = df, p = p)
for (z in c(-8, -3, -1.2, 0, 0.1, 0.5, 1, 1.7, 1.74, 1.959963984540054, 3, 6, 10, 20, 37)) tail_case("normal", z, 0, pnorm(z, lower.tail = FALSE))
for (df in c(1, 2, 3.3, 10, 29.7, 250, 5000, 812345.6, 1e8)) for (t in c(-2, 0.3, 1.5, 1.8, 2.5, 6, 30)) tail_case("t", t, df, pt(t, df, lower.tail = FALSE))
for (df in c(1, 2, 3, 7, 40)) for (x in c(0.01, 0.9, 3.84, 12, 80, 700)) tail_case("chi-square", x, df, pchisq(x, df, lower.tail = FALSE))

quantiles <- list()
for (p in c(1e-300, 1e-20, 1e-10, 1e-5, 0.001, 0.025, 0.2, 0.4999, 0.7, 0.975)) {
  quantiles[[length(quantiles) + 1]] <- list(distribution = "normal", p = p, df = 0, at = qnorm(p, lower.tail = FALSE))
  if (p >= 1e-10) for (df in c(1, 3.3, 29.7, 5000, 500000.5)) quantiles[[length(quantiles) + 1]] <- list(distribution = "t", p = p, df = df, at = qt(p, df, lower.tail = FALSE))
  if (p >= 1e-20) for (df in c(1, 3, 40)) quantiles[[length(quantiles) + 1]] <- list(distribution = "chi-square", p = p, df = df, at = qchisq(p, df, lower.tail = FALSE))
}

set.seed(20261001)
means <- list()
mean_case <- function(name, a, b) {
  test <- t.test(a, b)
  means[[length(means) + 1]] <<- list(name = name, treatment = moments(a), control = moments(b), estimate = mean(a) - mean(b),
    standardError = test$stderr, df = unname(test$parameter), statistic = unname(test$statistic), p = test$p.value, interval = row(as.numeric(test$conf.int)))
}
mean_case("small", c(3, 5, 9, 4), c(1, 2, 2, 7, 3))
mean_case("two units", c(1, 2), c(5, 9))
mean_case("one arm constant", c(4, 4, 4, 4), c(1, 2, 3, 4, 9))
mean_case("skewed integers", round(exp(rnorm(400, 3.1, 1.2))), round(exp(rnorm(350, 3, 1.2))))
mean_case("zero-inflated", rbinom(500, 1, .3) * round(rexp(500, 1 / 40)), rbinom(480, 1, .3) * round(rexp(480, 1 / 36)))
mean_case("clear", round(rnorm(200, 120, 10)), round(rnorm(220, 100, 14)))

ratios <- list()
ratio_case <- function(name, ya, xa, yb, xb) {
  # The delta method is Welch's test on the linearised residuals (y - R x) / mean(x).
  ra <- sum(ya) / sum(xa); rb <- sum(yb) / sum(xb)
  la <- (ya - ra * xa) / mean(xa); lb <- (yb - rb * xb) / mean(xb)
  test <- t.test(la + ra, lb + rb)
  g <- function(m) m[1] / m[2]
  va <- var(cbind(ya, xa)) / length(ya); ga <- c(1 / mean(xa), -mean(ya) / mean(xa)^2)
  stopifnot(abs(sqrt(drop(t(ga) %*% va %*% ga)) - sd(la) / sqrt(length(la))) < 1e-12)
  ratios[[length(ratios) + 1]] <<- list(name = name, treatment = moments(ya, xa), control = moments(yb, xb), estimate = ra - rb,
    standardError = test$stderr, df = unname(test$parameter), statistic = unname(test$statistic), p = test$p.value, interval = row(as.numeric(test$conf.int)))
}
views <- function(n) round(exp(rnorm(n, 3.5, 1))) + 1
xa <- views(300); xb <- views(280)
ratio_case("clicks per view", rbinom(300, xa, rbeta(300, 4, 14)), xa, rbinom(280, xb, rbeta(280, 3, 14)), xb)
xa <- views(40); xb <- views(60)
ratio_case("few units", rbinom(40, xa, .2), xa, rbinom(60, xb, .2), xb)
ratio_case("equal denominators", c(3, 5, 9, 4), c(10, 10, 10, 10), c(1, 2, 2, 7, 3), c(10, 10, 10, 10, 10))

lifts <- list()
lift_case <- function(t, vt, c, vc) {
  # Gradient of t / c - 1 by symbolic differentiation.
  env <- list(t = t, c = c)
  gt <- eval(D(quote(t / c - 1), "t"), env); gc <- eval(D(quote(t / c - 1), "c"), env)
  lifts[[length(lifts) + 1]] <<- list(treatment = list(value = t, variance = vt, n = 1000), control = list(value = c, variance = vc, n = 1000),
    estimate = t / c - 1, standardError = sqrt(gt^2 * vt + gc^2 * vc))
}
lift_case(11.1, 0.02, 8.4, 0.015); lift_case(0.241, 1e-6, 0.182, 2e-6); lift_case(5, 0.3, 9, 0.7); lift_case(0, 0.01, 2, 0.05)

proportions <- list()
for (k in list(c(730, 1000, 680, 1000), c(50, 400, 80, 500), c(12, 90, 30, 110), c(4321, 9999, 4200, 10001))) {
  # prop.test's interval is the unpooled (Wald) one.
  a <- k[1] / k[2]; b <- k[3] / k[4]; se <- sqrt(a * (1 - a) / k[2] + b * (1 - b) / k[4])
  interval <- as.numeric(suppressWarnings(prop.test(c(k[1], k[3]), c(k[2], k[4]), correct = FALSE)$conf.int))
  stopifnot(abs(interval - (a - b + c(-1, 1) * qnorm(.975) * se)) < 1e-12)
  proportions[[length(proportions) + 1]] <- list(treatment = list(successes = k[1], trials = k[2]), control = list(successes = k[3], trials = k[4]),
    estimate = a - b, standardError = se, statistic = (a - b) / se, p = 2 * pnorm(-abs((a - b) / se)), interval = row(interval))
}
scores <- list()
for (k in list(c(56, 70), c(0, 30), c(3, 900), c(12, 12), c(500, 1000)))
  scores[[length(scores) + 1]] <- list(successes = k[1], trials = k[2], interval = row(as.numeric(suppressWarnings(prop.test(k[1], k[2], correct = FALSE)$conf.int))))

preferences <- list()
for (k in list(c(40, 60), c(0, 7), c(5, 5), c(480, 560), c(3021, 2880), c(9, 1))) {
  test <- binom.test(k[2], sum(k))
  preferences[[length(preferences) + 1]] <- list(firstWins = k[1], secondWins = k[2], p = test$p.value, interval = row(as.numeric(test$conf.int) - .5),
    pNormal = suppressWarnings(prop.test(k[2], sum(k), correct = FALSE)$p.value))
}
d <- c(rep(-1, 31), rep(0, 60), rep(1, 44), rep(2, 9), -3, -2)
test <- t.test(d)
credit <- list(n = length(d), d = sum(d), dd = sum(d^2), estimate = mean(d), standardError = test$stderr, df = unname(test$parameter),
  statistic = unname(test$statistic), p = test$p.value, interval = row(as.numeric(test$conf.int)))

# Clustered quantile: Var(F(q)) is the variance of a ratio of sums over units, divided by the squared density.
unit <- rep(1:80, times = rpois(80, 6) + 1)
value <- round(exp(rnorm(length(unit), log(80), .3) + rnorm(80, 0, .2)[unit]))
q <- as.numeric(quantile(value, .95, type = 1)); y <- as.numeric(tapply(value <= q, unit, sum)); x <- as.numeric(table(unit))
linear <- (y - sum(y) / sum(x) * x) / mean(x)
density <- 0.004
clustered <- list(value = q, moments = moments(y, x), density = density, standardError = sd(linear) / sqrt(80) / density)

# Where the mixture boundary sqrt((k + 1) / k log((k + 1) / level^2)) meets the statistic, found by root search.
sequences <- list()
for (k in list(c(500, 10000, .05, 2.9), c(10000, 10000, .05, 3.4), c(50000, 2000, .01, 5.1), c(200, 2000, .05, 2.2))) {
  budget <- -2 * log(k[3]); rho2 <- (budget + log(budget + 1)) / k[2]; m <- k[1] * rho2
  boundary <- function(level) sqrt((m + 1) / m * log((m + 1) / level^2))
  p <- exp(uniroot(function(a) boundary(exp(a)) - k[4], c(-60, 0.5 * log(m + 1)), tol = 1e-14)$root)
  sequences[[length(sequences) + 1]] <- list(n = k[1], plannedUnits = k[2], alpha = k[3], statistic = k[4], critical = boundary(k[3]), p = min(1, p))
}
cat(json(list(command = "Rscript test/cases/statistics.R", version = R.version.string, tails = unname(tails), quantiles = unname(quantiles),
  means = means, ratios = ratios, lifts = lifts, proportions = proportions, scores = scores,
  preferences = preferences, credit = credit, clustered = clustered, sequences = sequences)), "\n")
