# Expected values of test/cases/sequential.json: rpact's group-sequential designs, R's own densities and quadrature. Run
# in the repository root:
#   Rscript test/cases/sequential.R > test/cases/sequential.json
suppressMessages(library(rpact))
source("test/cases/json.R")
shapes <- list("pocock" = c("P", "asP"), "obrien-fleming" = c("OF", "asOF"))

classical <- list()
for (shape in names(shapes)) for (k in 2:10) for (alpha in if (k %in% c(2, 5)) c(.05, .01) else .05) {
  design <- getDesignGroupSequential(kMax = k, alpha = alpha, sided = 2, typeOfDesign = shapes[[shape]][1], tolerance = 1e-10)
  classical[[length(classical) + 1]] <- list(shape = shape, looks = k, alpha = alpha, boundaries = row(design$criticalValues))
}

spending <- list()
schedules <- list(c(.5, 1), c(.25, .5, .75, 1), c(.1, .35, .9, 1), c(.05, .3, .4, .7, 1), (1:10) / 10, c(1 / 3, 2 / 3, 1), (1:7) / 7)
for (shape in names(shapes)) for (times in schedules) for (alpha in if (length(times) <= 4) c(.05, .01) else .05) {
  design <- getDesignGroupSequential(informationRates = times, alpha = alpha, sided = 2, typeOfDesign = shapes[[shape]][2], tolerance = 1e-10)
  spending[[length(spending) + 1]] <- list(shape = shape, information = row(times), alpha = alpha,
    boundaries = row(design$criticalValues), spent = row(design$alphaSpent))
}

# The repeated p-value by its definition: the alpha whose boundary at this look is |z|.
repeated <- list()
for (shape in names(shapes)) for (case in list(list(c(.5, 1), 1, 2.9), list(c(.5, 1), 2, 1.7), list(c(.25, .5, .75, 1), 2, 3.1),
    list(c(.25, .5, .75, 1), 3, 2.2), list(c(.25, .5, .75, 1), 4, 2.6), list(c(.1, .35, .9, 1), 3, 3.4))) {
  boundary <- function(a) getDesignGroupSequential(informationRates = case[[1]], alpha = a, sided = 2, typeOfDesign = shapes[[shape]][2], tolerance = 1e-10)$criticalValues[case[[2]]] - case[[3]]
  repeated[[length(repeated) + 1]] <- list(shape = shape, information = row(case[[1]]), look = case[[2]], z = case[[3]],
    p = exp(uniroot(function(a) boundary(exp(a)), log(c(1e-5, .45)), tol = 1e-10)$root))
}

# First crossings of two or three looks with a drift, by nested adaptive quadrature over the scores.
crossings <- list()
quad <- function(f, a, b) integrate(Vectorize(f), a, b, rel.tol = 1e-11, abs.tol = 0, subdivisions = 2000)$value
for (case in list(list(c(.5, 1), c(2.5, 2), 0), list(c(.5, 1), c(2.5, 2), 2.8), list(c(.2, 1), c(4.5, 1.96), 3.2), list(c(.9, 1), c(2, 2), 1),
    list(c(.3, .6, 1), c(2.9, 2.4, 2.1), 0), list(c(.3, .6, 1), c(2.9, 2.4, 2.1), 2.5), list(c(.1, .8, 1), c(3, 2.2, 2.2), -1.5),
    list(c(.3, .31, 1), c(2.5, 2.5, 2.1), 0))) {
  times <- case[[1]]; b <- case[[2]] * sqrt(times); drift <- case[[3]]; d <- diff(c(0, times))
  above <- function(s, k) pnorm(b[k], s + drift * d[k], sqrt(d[k]), lower.tail = FALSE)
  below <- function(s, k) pnorm(-b[k], s + drift * d[k], sqrt(d[k]))
  step <- function(to, from, k) dnorm(to, from + drift * d[k], sqrt(d[k]))
  first <- function(g) quad(function(s) step(s, 0, 1) * g(s), -b[1], b[1])
  upper <- c(above(0, 1), first(function(s) above(s, 2))); lower <- c(below(0, 1), first(function(s) below(s, 2)))
  if (length(times) == 3) {
    second <- function(g) first(function(s) quad(function(r) step(r, s, 2) * g(r), -b[2], b[2]))
    upper <- c(upper, second(function(s) above(s, 3))); lower <- c(lower, second(function(s) below(s, 3)))
  }
  crossings[[length(crossings) + 1]] <- list(information = row(times), boundaries = row(case[[2]]), drift = drift, upper = row(upper), lower = row(lower))
}
# Second boundaries to more digits than rpact's, by the same quadrature and a root search on the logarithm of the error.
seconds <- list()
for (shape in names(shapes)) for (case in list(list(c(.1, .2), .05), list(c(.1, .35), .01), list(c(.25, .5), .05), list(c(.5, 1), .05), list(c(.6, .61), .05))) {
  times <- case[[1]]; a <- case[[2]] / 2; d <- diff(c(0, times))
  spend <- if (shape == "pocock") a * log(1 + (exp(1) - 1) * times) else 2 * pnorm(qnorm(a / 2, lower.tail = FALSE) / sqrt(times), lower.tail = FALSE)
  b1 <- qnorm(spend[1], lower.tail = FALSE) * sqrt(times[1])
  cross <- function(z) quad(function(s) dnorm(s, 0, sqrt(d[1])) * (pnorm(z * sqrt(times[2]), s, sqrt(d[2]), lower.tail = FALSE) + pnorm(-z * sqrt(times[2]), s, sqrt(d[2]))), -b1, b1)
  z <- uniroot(function(z) log(cross(z)) - log(2 * (spend[2] - spend[1])), c(1, 9), tol = 1e-13)$root
  seconds[[length(seconds) + 1]] <- list(shape = shape, information = row(times), alpha = case[[2]], boundary = z)
}
powers <- list()
for (shape in names(shapes)) for (times in list(c(.25, .5, .75, 1), c(.2, .7, 1))) for (beta in c(.2, .1)) {
  design <- getDesignGroupSequential(informationRates = times, alpha = .05, beta = beta, sided = 2, twoSidedPower = TRUE,
    typeOfDesign = shapes[[shape]][2], tolerance = 1e-10)
  traits <- getDesignCharacteristics(design)
  # rpact's shift is the squared drift at which the design has the power 1 - beta; its digits are those of the boundaries.
  powers[[length(powers) + 1]] <- list(information = row(times), shape = shape, drift = sqrt(traits$shift), power = 1 - beta,
    cumulative = row(traits$power))
}

# Mixture t: with noncentrality normal(0, k), t / sqrt(1 + k) is Student's; the Bayes factor is a ratio of two densities.
mixture <- function(n, planned, alpha) { budget <- -2 * log(alpha); n * (budget + log(budget + 1)) / planned }
mixtureT <- list()
for (case in list(c(10, 100, .05, 8, 4.5), c(10, 20, .05, 7.3, 3), c(40, 100, .05, 38, 3.3), c(500, 400, .01, 300.5, 4), c(20000, 10000, .05, 19990, 6),
    c(800000, 800000, .05, 799990.4, 5.2), c(6, 40, .2, 4, 12), c(200, 400, .05, 198, 30), c(1000, 1000, .05, 998, 0.4))) {
  k <- mixture(case[1], case[2], case[3]); nu <- case[4]
  logB <- function(t) dt(t / sqrt(1 + k), nu, log = TRUE) - log(1 + k) / 2 - dt(t, nu, log = TRUE)
  if (nu < 400) {
    # The same by integrating noncentral t densities over the mixture.
    direct <- suppressWarnings(integrate(function(x) dt(case[5], nu, x) * dnorm(x, 0, sqrt(k)), -8 * sqrt(k) - 1, 8 * sqrt(k) + 1, rel.tol = 1e-9)$value) / dt(case[5], nu)
    if (abs(case[5]) < 20) stopifnot(abs(direct / exp(logB(case[5])) - 1) < 1e-5)
  }
  top <- logB(1e50)
  critical <- if (top < -log(case[3])) Inf else uniroot(function(t) logB(t) + log(case[3]), c(0, 1e4), tol = 1e-14, maxiter = 10000)$root
  mixtureT[[length(mixtureT) + 1]] <- list(n = case[1], plannedUnits = case[2], alpha = case[3], df = nu, statistic = case[5],
    logP = min(0, -logB(case[5])), critical = critical)
}

ratios <- list()
for (tau in c(.05, .3)) {
  n <- c(50, 100, 200, 400, 800); se <- 2 / sqrt(n) * c(1.1, 1, .95, 1.02, 1); estimate <- c(.9, -.3, .55, .5, .31)
  log_ratio <- dnorm(estimate, 0, sqrt(se^2 + tau^2), log = TRUE) - dnorm(estimate, 0, se, log = TRUE)
  ratios[[length(ratios) + 1]] <- list(mixing = tau, n = row(n), estimate = row(estimate), standardError = row(se),
    logLikelihoodRatio = row(log_ratio), p = row(cummin(pmin(1, exp(-log_ratio)))))
}
cat(json(list(command = "Rscript test/cases/sequential.R", version = paste0(R.version.string, ", rpact ", packageVersion("rpact")),
  classical = classical, spending = spending, repeated = repeated, crossings = crossings, seconds = seconds, powers = powers, mixtureT = mixtureT, ratios = ratios)), "\n")
